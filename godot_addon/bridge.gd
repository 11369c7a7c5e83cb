@tool
extends Node
## The addon's model of the project: the connection to the daemon, its assets and its events.
##
## The dock shows what stands here and calls the methods; no rule of assetbridge lives here.

const Answer := preload("answer.gd")
const Asset := preload("asset.gd")
const Client := preload("client.gd")
const Launcher := preload("launcher.gd")
const ProjectFiles := preload("project_files.gd")
const Refresher := preload("refresher.gd")

enum Status {
	NO_PROJECT,
	STOPPED,
	CONNECTING,
	CONNECTED,
	WRONG_VERSION,
}

signal status_changed(status: Status)
## The list was read anew.
signal assets_changed
signal asset_changed(asset: Asset)
signal balance_changed(text: String)
signal failed(text: String)
signal _listed

const WAIT_SEC := 25
const FIRST_RETRY_SEC := 0.5
const LAST_RETRY_SEC := 10.0
const START_SEC := 10.0
## How long the main thread may work on a long list before the editor draws the next frame.
const SLICE_USEC := 3000

var files := ProjectFiles.new()
var client := Client.new()
var refresher := Refresher.new()
var status := Status.STOPPED
var daemon_version := ""
## All assets by id, in order of ids.
var assets: Dictionary = {}
## The plan that prices were read from; an approval names it.
var plan_digest := ""
## What is left at the providers, as text.
var balance := ""

var _cursor := ""
## Counts connections: a loop that belongs to an earlier one ends itself.
var _session := 0
var _plan_timer := Timer.new()
var _reading := false
var _read_again := false
## Events that came while a list was read, which may be older than they are.
var _late: Array[Dictionary] = []
var _slice_end := 0
## When the editor had last read the files by itself: seconds since 1970, rounded down.
var _started := int(Time.get_unix_time_from_system()) - 1
## Time of the content that the editor took over, by project-relative path.
var _taken_over: Dictionary = {}


func _init() -> void:
	_plan_timer.one_shot = true
	_plan_timer.wait_time = 0.5
	_plan_timer.timeout.connect(read_plan)
	for child: Node in [client, refresher, _plan_timer]:
		add_child(child)


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


## Ends the connection; the daemon goes on.
func disconnect_from_daemon() -> void:
	_session += 1
	_set_status(Status.STOPPED)


func start_daemon() -> void:
	if not Launcher.run(files, "start"):
		failed.emit(tr("assetbridge could not be started."))
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


func stop_daemon() -> void:
	_session += 1
	var answer := await client.post("/v1/shutdown")
	if not answer.is_ok():
		Launcher.run(files, "stop")
	_set_status(Status.STOPPED)


## Sends something to do and tells what the daemon objects to.
func ask(path: String, body: Dictionary = {}) -> Answer:
	var answer := await client.post(path, body)
	if not answer.is_ok():
		failed.emit(answer.describe())
	return answer


func build(asset: Asset) -> void:
	await ask("/v1/assets/%s/build" % asset.key)


func build_all() -> void:
	await ask("/v1/build", {"all": true})


func cancel(asset: Asset) -> void:
	await ask("/v1/assets/%s/cancel" % asset.key)


func reroll(asset: Asset) -> void:
	await ask("/v1/assets/%s/reroll" % asset.key, {"build": true})


## Buys what the plan of this digest says for one asset. A plan that has changed since is refused
## by the daemon and read again here.
func approve(asset: Asset, digest: String) -> void:
	var answer := await ask("/v1/assets/%s/approve" % asset.key, {"digest": digest})
	if answer.code == "plan_changed":
		read_plan()


func pick(asset: Asset, number: int) -> void:
	await ask("/v1/assets/%s/pick" % asset.key, {"variant": number, "build": true})


## Writes a new spec; the caller shows what the daemon objects to.
func create_spec(kind: String, spec_name: String, description: String, provider: String) -> Answer:
	var body := {"kind": kind, "id": spec_name}
	if not description.is_empty():
		body["description"] = description
	if not provider.is_empty():
		body["provider"] = provider
	return await client.post("/v1/specs", body)


## Reads the list of assets anew. Calls that come meanwhile wait for one more reading together.
func read_assets() -> void:
	if _reading:
		_read_again = true
		await _listed
		return
	_reading = true
	_read_again = true
	while _read_again:
		_read_again = false
		await _read_assets_once()
	_reading = false
	_listed.emit()


func _read_assets_once() -> void:
	var answer := await client.fetch("/v1/assets")
	if not answer.is_ok():
		failed.emit(answer.describe())
		return
	var found: Dictionary = {}
	for facts: Dictionary in answer.json.get("assets", []):
		await _pause()
		var id := str(facts.get("id", ""))
		var asset: Asset = assets.get(id)
		if asset == null:
			asset = Asset.from_json(facts)
		else:
			var was := asset.state
			asset.update(facts)
			asset.revision += int(was != asset.state)
		found[id] = asset
		_take_over(asset.outputs, false)
	assets = found
	for event in _late:
		if assets.has(event["id"]):
			assets[event["id"]].update(event)
	_late.clear()
	assets_changed.emit()
	_plan_timer.start()


## Asks the providers what is left. One that cannot be reached is left out.
func read_balance() -> void:
	var answer := await client.fetch("/v1/providers?balance=1")
	if answer.is_ok():
		balance = balance_text(answer.json.get("providers", []) as Array)
		balance_changed.emit(balance)


## Reads prices; false when there is no plan to read.
func read_plan() -> bool:
	var answer := await client.fetch("/v1/plan")
	if not answer.is_ok():
		return false
	plan_digest = str(answer.json.get("digest", ""))
	var planned: Dictionary = {}
	for facts: Dictionary in answer.json.get("assets", []):
		planned[str(facts.get("id", ""))] = facts
	for id: String in planned:
		await _pause()
		var asset: Asset = assets.get(id)
		if asset != null:
			var text := price_of(id, planned)
			if text != asset.price:
				asset.price = text
				asset_changed.emit(asset)
	return true


## Lets the editor draw when a long list has taken its share of the frame.
func _pause() -> void:
	if Time.get_ticks_usec() >= _slice_end:
		await get_tree().process_frame
		_slice_end = Time.get_ticks_usec() + SLICE_USEC


## What it costs to build an asset, as text: its steps that are not there yet, and those of the
## assets that it is made of. Empty when nothing. `planned` has the rows of the plan by id.
func price_of(id: String, planned: Dictionary) -> String:
	var sums: Dictionary = {}
	var unknown := false
	for step: Dictionary in _steps_of(id, planned):
		var cost: Variant = step.get("cost")
		if step.get("cached") or cost is not Dictionary:
			continue
		if (cost as Dictionary).get("amount") == null:
			unknown = true
			continue
		var unit: Array[String] = [str(cost.get("unit", "")), str(cost.get("provider", ""))]
		sums[unit] = float(sums.get(unit, 0.0)) + str(cost["amount"]).to_float()
	var parts := PackedStringArray()
	for unit: Array[String] in sums:
		var amount := float(sums[unit])
		var name := unit[0].trim_suffix("s") if amount == 1.0 else unit[0]
		parts.append(tr("%s %s at %s") % [String.num(amount, 4).trim_suffix(".0"), name, unit[1]])
	if unknown:
		parts.append("?")
	return " + ".join(parts)


## The steps of an asset and of all that it is made of, each once.
static func _steps_of(id: String, planned: Dictionary) -> Array:
	var steps: Array = []
	var ids := PackedStringArray([id])
	var next := 0
	while next < ids.size():
		var facts: Dictionary = planned.get(ids[next], {})
		steps.append_array(facts.get("steps", []) as Array)
		for other: String in facts.get("upstream", []):
			if other not in ids:
				ids.append(other)
		next += 1
	return steps


## What is left at the providers that said so, a line each.
static func balance_text(providers: Array) -> String:
	var parts := PackedStringArray()
	for facts: Dictionary in providers:
		if facts.get("balance") is not Dictionary:
			continue
		var amounts: Dictionary = facts["balance"].get("amounts", {})
		var left := PackedStringArray()
		for unit: String in amounts:
			left.append("%s %s" % [amounts[unit], unit])
		if not left.is_empty():
			parts.append("%s: %s" % [facts.get("name", ""), ", ".join(left)])
	return "\n".join(parts)


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
	if runtime.is_empty():
		_set_status(Status.STOPPED)
		return false
	client.configure(runtime)
	var answer := await client.fetch("/v1/health")
	if session != _session:
		return false
	if not answer.is_ok():
		# The file of a daemon that was killed stays behind.
		_set_status(Status.STOPPED)
		return false
	daemon_version = str(answer.json.get("version", runtime.get("version", "")))
	if not _is_compatible(daemon_version):
		_set_status(Status.WRONG_VERSION)
		return false
	# Taken before the list is read: what happens meanwhile is told twice rather than never.
	_cursor = str(answer.json.get("cursor", ""))
	_set_status(Status.CONNECTED)
	await read_assets()
	read_balance()
	return session == _session


func _read_events(session: int) -> void:
	while session == _session:
		var answer := await client.poll(_cursor, WAIT_SEC)
		if session != _session:
			return
		if not answer.is_ok():
			_set_status(Status.CONNECTING)
			return
		for event: Dictionary in answer.json.get("events", []):
			_take_event(event)
		_cursor = str(answer.json.get("cursor", _cursor))


func _take_event(event: Dictionary) -> void:
	_take_over(_written(event), true)
	match str(event.get("type", "")):
		"reset", "changed":
			read_assets()
		"spent":
			read_balance()
		"done":
			if event.get("error") is Dictionary:
				failed.emit(Asset.error_text(event["error"]))
			read_assets()
		"asset":
			_take_asset_event(event)


func _take_asset_event(event: Dictionary) -> void:
	var asset: Asset = assets.get(str(event["id"]))
	if asset == null:
		_late.append(event)
		read_assets()
		return
	if _reading:
		_late.append(event)
	var was := asset.state
	asset.update(event)
	if asset.state != was:
		_plan_timer.start()
	if asset.state == "ready":
		asset.error = ""
		asset.revision += 1
		asset.add_outputs(_written(event))
	asset_changed.emit(asset)


## Has the editor read files: those that an event names, and of a listing those that were written
## while nobody listened. A daemon builds what has changed as soon as it starts.
func _take_over(written: PackedStringArray, is_event: bool) -> void:
	var paths := PackedStringArray()
	for path in written:
		var time := FileAccess.get_modified_time(files.absolute(path))
		if is_event or (time >= _started and _taken_over.get(path) != time):
			_taken_over[path] = time
			paths.append(files.to_resource_path(path))
	refresher.add(paths)


## The project-relative paths of what was written for Godot.
static func _written(event: Dictionary) -> PackedStringArray:
	var by_target: Variant = event.get("files")
	if by_target is not Dictionary:
		return PackedStringArray()
	return PackedStringArray((by_target as Dictionary).get(Asset.ENGINE, []) as Array)


## Whether the daemon is of another version than this addon, though one that it can talk to.
func is_version_skewed() -> bool:
	return status == Status.CONNECTED and daemon_version != addon_version()


func _is_compatible(version: String) -> bool:
	return version.get_slice(".", 0) == addon_version().get_slice(".", 0)


## The version in plugin.cfg.
func addon_version() -> String:
	var config := ConfigFile.new()
	config.load(ProjectFiles.addon_folder().path_join("plugin.cfg"))
	return str(config.get_value("plugin", "version", ""))


func _set_status(value: Status) -> void:
	if value != status:
		status = value
		status_changed.emit(value)
