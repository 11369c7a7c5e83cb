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

signal _slot_freed

var port := 0
var _token := ""
var _free: Array[HTTPRequest] = []
var _made := 0


## Says where the daemon listens and what proves that we may talk to it.
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
	var request := HTTPRequest.new()
	request.timeout = wait_sec + TIMEOUT_SEC
	add_child(request)
	var path := "/v1/events?after=%s&wait=%d" % [cursor.uri_encode(), wait_sec]
	var answer := await _exchange(request, HTTPClient.METHOD_GET, path, "")
	request.queue_free()
	return answer


func _send(method: HTTPClient.Method, path: String, body: String) -> Answer:
	while _free.is_empty() and _made >= POOL_SIZE:
		await _slot_freed
	var request: HTTPRequest
	if _free.is_empty():
		request = HTTPRequest.new()
		request.timeout = TIMEOUT_SEC
		add_child(request)
		_made += 1
	else:
		request = _free.pop_back()
	var answer := await _exchange(request, method, path, body)
	_free.append(request)
	_slot_freed.emit()
	return answer


func _exchange(request: HTTPRequest, method: HTTPClient.Method, path: String, body: String) -> Answer:
	var headers := PackedStringArray(["Authorization: Bearer " + _token])
	if method != HTTPClient.METHOD_GET:
		headers.append("Content-Type: application/json")
	if port <= 0:
		return Answer.unreachable(tr("No daemon is running."))
	if request.request(HOST % port + path, headers, method, body) != OK:
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
