@tool
extends Node
## What the dock and the inspector work with: the daemon, its assets, and what may be asked of it.
##
## No rule of assetbridge lives here; the daemon decides.

const Answer := preload("../connection/answer.gd")
const Asset := preload("asset.gd")
const AssetCatalog := preload("asset_catalog.gd")
const DaemonLink := preload("../connection/daemon_link.gd")
const Prices := preload("prices.gd")
const Refresher := preload("../editor/refresher.gd")

signal balance_changed(text: String)
## Whether the project asks for something that its user has not allowed.
signal trust_changed(is_waiting: bool)
signal failed(text: String)

var link := DaemonLink.new(_on_connected)
var catalog := AssetCatalog.new(link.client)
var refresher := Refresher.new()
## What is left at the providers, as text.
var balance := ""

## When the editor had last read the files by itself: seconds since 1970, rounded down.
var _started := int(Time.get_unix_time_from_system()) - 1
## Time of the content that the editor took over, by project-relative path.
var _taken_over: Dictionary = {}


func _init() -> void:
	link.event_received.connect(_take_event)
	link.failed.connect(failed.emit)
	catalog.failed.connect(failed.emit)
	catalog.outputs_listed.connect(_take_over.bind(false))
	for child: Node in [link, catalog, refresher]:
		add_child(child)


## Sends something to do and tells what the daemon objects to.
func ask(path: String, body: Dictionary = {}) -> Answer:
	var answer := await link.client.post(path, body)
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
		catalog.read_plan()


func pick(asset: Asset, number: int) -> void:
	await ask("/v1/assets/%s/pick" % asset.key, {"variant": number, "build": true})


## Writes a new spec; the caller shows what the daemon objects to.
func create_spec(kind: String, spec_name: String, description: String, provider: String) -> Answer:
	var body := {"kind": kind, "id": spec_name}
	if not description.is_empty():
		body["description"] = description
	if not provider.is_empty():
		body["provider"] = provider
	return await link.client.post("/v1/specs", body)


## Asks the providers what is left. One that cannot be reached is left out.
func read_balance() -> void:
	var answer := await link.client.fetch("/v1/providers?balance=1")
	if answer.is_ok():
		balance = Prices.balance_text(answer.json.get("providers", []) as Array)
		balance_changed.emit(balance)


## Asks whether the user trusts the project; a daemon that does not know the question is left alone.
func read_trust() -> void:
	var answer := await link.client.fetch("/v1/trust")
	if answer.is_ok():
		var waits := not bool(answer.json.get("trusted", true))
		trust_changed.emit(waits and not (answer.json.get("changes", []) as Array).is_empty())


func _on_connected() -> void:
	await catalog.read_assets()
	read_trust()
	read_balance()


func _take_event(event: Dictionary) -> void:
	var written := _written_files(event)
	_take_over(written, true)
	match str(event.get("type", "")):
		"reset", "changed":
			catalog.read_assets()
		"spent":
			read_balance()
		"done":
			if event.get("error") is Dictionary:
				failed.emit(Asset.error_text(event["error"]))
			catalog.read_assets()
			read_trust()
		"asset":
			catalog.take_event(event, written)


## Has the editor read files: those that an event names, and of a listing those that were written
## while nobody listened. A daemon builds what has changed as soon as it starts.
func _take_over(written: PackedStringArray, is_event: bool) -> void:
	var paths := PackedStringArray()
	for path in written:
		var time := FileAccess.get_modified_time(link.files.absolute(path))
		if is_event or (time >= _started and _taken_over.get(path) != time):
			_taken_over[path] = time
			paths.append(link.files.to_resource_path(path))
	refresher.add(paths)


## The project-relative paths of what was written for Godot.
static func _written_files(event: Dictionary) -> PackedStringArray:
	var by_target: Variant = event.get("files")
	if by_target is not Dictionary:
		return PackedStringArray()
	return PackedStringArray((by_target as Dictionary).get(Asset.ENGINE, []) as Array)
