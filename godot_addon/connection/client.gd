@tool
extends Node
## Requests to the daemon on 127.0.0.1, none of which makes the editor wait.
##
## [codeblock]
## var answer: Answer = await client.fetch("/v1/assets")
## [/codeblock]

const Answer := preload("answer.gd")

const HOST := "http://127.0.0.1:%d"
const TIMEOUT_SEC := 20.0
## More requests wait for their turn, so that a thousand thumbnails open no thousand sockets.
const POOL_SIZE := 6
const LONG_BYTES := 20_000
## Of the first answer, when it is not known yet who gives it.
const GREETING_BYTES := 65_536

signal _slot_freed

var port := 0
var _token := ""
var _free: Array[HTTPRequest] = []
var _made := 0


## Asks who listens where a runtime file says, and whether it serves the folder `root`. Nothing else is
## sent to a daemon before [method configure] names it.
func greet(runtime: Dictionary, root: String) -> Answer:
	var request := _make_request(TIMEOUT_SEC)
	request.body_size_limit = GREETING_BYTES
	var address := HOST % int(runtime["port"]) + "/v1/health?root=" + root.uri_encode()
	var headers := PackedStringArray(["Authorization: Bearer " + str(runtime["token"])])
	var answer := await _exchange(request, HTTPClient.METHOD_GET, address, headers)
	request.queue_free()
	return answer


## Says where the daemon listens and what proves that we may talk to it; nothing for no daemon.
func configure(runtime: Dictionary) -> void:
	port = int(runtime.get("port", 0))
	_token = str(runtime.get("token", ""))


## Reads from the daemon.
func fetch(path: String) -> Answer:
	return await _send(HTTPClient.METHOD_GET, path, "")


## Asks the daemon to do something.
func post(path: String, body: Dictionary = {}) -> Answer:
	return await _send(HTTPClient.METHOD_POST, path, JSON.stringify(body))


## Waits for events after a cursor, at most `wait_sec` seconds; has a connection of its own.
func poll(cursor: String, wait_sec: int) -> Answer:
	var request := _make_request(wait_sec + TIMEOUT_SEC)
	var path := "/v1/events?after=%s&wait=%d" % [cursor.uri_encode(), wait_sec]
	var answer := await _ask(request, HTTPClient.METHOD_GET, path, "")
	request.queue_free()
	return answer


func _send(method: HTTPClient.Method, path: String, body: String) -> Answer:
	while _free.is_empty() and _made >= POOL_SIZE:
		await _slot_freed
	var request: HTTPRequest
	if _free.is_empty():
		request = _make_request(TIMEOUT_SEC)
		_made += 1
	else:
		request = _free.pop_back()
	var answer := await _ask(request, method, path, body)
	_free.append(request)
	_slot_freed.emit()
	return answer


func _make_request(timeout_sec: float) -> HTTPRequest:
	var request := HTTPRequest.new()
	request.timeout = timeout_sec
	# The daemon sends nobody elsewhere, and the token is for it alone.
	request.max_redirects = 0
	request.accept_gzip = false
	add_child(request)
	return request


func _ask(request: HTTPRequest, method: HTTPClient.Method, path: String, body: String) -> Answer:
	var headers := PackedStringArray(["Authorization: Bearer " + _token])
	if method != HTTPClient.METHOD_GET:
		headers.append("Content-Type: application/json")
	if port <= 0:
		return Answer.unreachable(tr("No daemon is running."))
	return await _exchange(request, method, HOST % port + path, headers, body)


func _exchange(
		request: HTTPRequest, method: HTTPClient.Method, address: String, headers: PackedStringArray,
		body := "") -> Answer:
	if request.request(address, headers, method, body) != OK:
		return Answer.unreachable(tr("The request could not be sent."))
	var result: Array = await request.request_completed
	if int(result[0]) != HTTPRequest.RESULT_SUCCESS:
		return Answer.unreachable(tr("The daemon does not answer."))
	return await _read(int(result[1]), result[2], result[3])


## A long answer is read beside the editor's main thread.
func _read(status: int, headers: PackedStringArray, body: PackedByteArray) -> Answer:
	if body.size() < LONG_BYTES:
		return Answer.from_response(status, headers, body)
	var read: Array[Answer] = []
	var task := WorkerThreadPool.add_task(
			func() -> void: read.append(Answer.from_response(status, headers, body)))
	while not WorkerThreadPool.is_task_completed(task):
		await get_tree().process_frame
	WorkerThreadPool.wait_for_task_completion(task)
	return read[0]
