@tool
extends Node
## The connection to the project's daemon: found, kept over restarts, and its events as they come.

const Answer := preload("answer.gd")
const Client := preload("client.gd")
const Launcher := preload("launcher.gd")
const ProjectFiles := preload("project_files.gd")

enum Status {
	NO_PROJECT,
	STOPPED,
	CONNECTING,
	CONNECTED,
	WRONG_VERSION,
}

signal status_changed(status: Status)
signal event_received(event: Dictionary)
signal failed(text: String)

const WAIT_SEC := 25
const FIRST_RETRY_SEC := 0.5
const LAST_RETRY_SEC := 10.0
const START_SEC := 10.0

var files := ProjectFiles.new()
var client := Client.new()
var status := Status.STOPPED
var daemon_version := ""

## Called after each connection and waited for before events are read.
var _on_connected: Callable
var _cursor := ""
## Counts connections: a loop that belongs to an earlier one ends itself.
var _session := 0


func _init(on_connected: Callable) -> void:
	_on_connected = on_connected
	add_child(client)


func _exit_tree() -> void:
	_session += 1


## Looks for the daemon and stays connected to it, also when it is restarted.
func connect_to_daemon() -> void:
	_session += 1
	if not files.exists():
		files = ProjectFiles.new()
	if not files.exists():
		_set_status(Status.NO_PROJECT)
		return
	_follow(_session)


## Starts the daemon through the command line and connects to it.
func start_daemon() -> void:
	if not Launcher.run(files, "start"):
		failed.emit(tr("assetbridge could not be started.") + "\n" + tr("Run in a terminal: %s") % (
				"assetbridge install-addon godot"))
		return
	_set_status(Status.CONNECTING)
	_session += 1
	_follow(_session)
	var session := _session
	await get_tree().create_timer(START_SEC).timeout
	if session == _session and status in [Status.STOPPED, Status.CONNECTING]:
		failed.emit(tr("The daemon did not answer. Start it in a terminal: %s\nIts log: %s") % [
			Launcher.manual_line("start"), files.log_path(),
		])


## Ends the daemon and the connection to it.
func stop_daemon() -> void:
	_session += 1
	var answer := await client.post("/v1/shutdown")
	if not answer.is_ok():
		Launcher.run(files, "stop")
	client.configure({})
	_set_status(Status.STOPPED)


## Whether the daemon is of another version than this addon, though one that it can talk to.
func is_version_skewed() -> bool:
	return status == Status.CONNECTED and daemon_version != addon_version()


## The version in plugin.cfg.
func addon_version() -> String:
	var config := ConfigFile.new()
	config.load(ProjectFiles.addon_folder().path_join("plugin.cfg"))
	return str(config.get_value("plugin", "version", ""))


func _follow(session: int) -> void:
	var pause := FIRST_RETRY_SEC
	while session == _session:
		if await _enter(session):
			pause = FIRST_RETRY_SEC
			await _read_events(session)
		if session != _session:
			return
		await get_tree().create_timer(pause).timeout
		pause = minf(pause * 1.5, LAST_RETRY_SEC)


## One attempt to reach the daemon that the runtime file names.
func _enter(session: int) -> bool:
	var runtime := files.runtime()
	client.configure({})
	if runtime.is_empty():
		_set_status(Status.STOPPED)
		return false
	var answer := await client.greet(runtime, files.root)
	if session != _session:
		return false
	if not _is_expected(answer, runtime):
		# The file of a daemon that was killed stays behind, and another program may have its port by
		# now; the file of a copied project names the daemon of the original.
		_set_status(Status.STOPPED)
		return false
	daemon_version = str(answer.json.get("version", runtime.get("version", "")))
	if not _is_compatible(daemon_version):
		_set_status(Status.WRONG_VERSION)
		return false
	client.configure(runtime)
	# Taken before the list is read: what happens meanwhile is told twice rather than never.
	_cursor = str(answer.json.get("cursor", ""))
	_set_status(Status.CONNECTED)
	await _on_connected.call()
	return session == _session


func _read_events(session: int) -> void:
	while session == _session:
		var answer := await client.poll(_cursor, WAIT_SEC)
		if session != _session:
			return
		if not answer.is_ok():
			client.configure({})
			_set_status(Status.CONNECTING)
			return
		for event: Dictionary in answer.json.get("events", []):
			event_received.emit(event)
		_cursor = str(answer.json.get("cursor", _cursor))


## Whether the daemon of this very start answered, and serves the folder of this project.
func _is_expected(answer: Answer, runtime: Dictionary) -> bool:
	var is_ours: bool = answer.json.get("nonce") == runtime["nonce"] and answer.json.get("serves") == true
	return answer.is_ok() and is_ours


func _is_compatible(version: String) -> bool:
	return version.get_slice(".", 0) == addon_version().get_slice(".", 0)


func _set_status(value: Status) -> void:
	if value != status:
		status = value
		status_changed.emit(value)
