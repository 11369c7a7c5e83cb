@tool
extends Node
## The assets of the project as the daemon lists them, kept up to date by its events.

const Asset := preload("asset.gd")
const Client := preload("../connection/client.gd")
const Prices := preload("prices.gd")

## The list was read anew.
signal assets_changed
signal asset_changed(asset: Asset)
## A listing names these files of one asset.
signal outputs_listed(paths: PackedStringArray)
signal failed(text: String)
signal _listed

## How long the main thread may work on a long list before the editor draws the next frame.
const SLICE_USEC := 3000

## All assets by id, in order of ids.
var assets: Dictionary = {}
## The plan that prices were read from; an approval names it.
var plan_digest := ""

var _client: Client
var _plan_timer := Timer.new()
var _reading := false
var _read_again := false
## Events that came while a list was read, which may be older than they are.
var _late: Array[Dictionary] = []
var _slice_end := 0


func _init(client: Client) -> void:
	_client = client
	_plan_timer.one_shot = true
	_plan_timer.wait_time = 0.5
	_plan_timer.timeout.connect(read_plan)
	add_child(_plan_timer)


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


## Reads prices; false when there is no plan to read.
func read_plan() -> bool:
	var answer := await _client.fetch("/v1/plan")
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
			var text := Prices.price_of(id, planned, tr("%s %s at %s"))
			if text != asset.price:
				asset.price = text
				asset_changed.emit(asset)
	return true


## Takes over what an event says of one asset; `written` are the files that it names.
func take_event(event: Dictionary, written: PackedStringArray) -> void:
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
		asset.add_outputs(written)
	asset_changed.emit(asset)


func _read_assets_once() -> void:
	var answer := await _client.fetch("/v1/assets")
	if not answer.is_ok():
		failed.emit(answer.describe())
		return
	var listed: Dictionary = {}
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
		listed[id] = asset
		outputs_listed.emit(asset.outputs)
	assets = listed
	for event in _late:
		if assets.has(event["id"]):
			assets[event["id"]].update(event)
	_late.clear()
	assets_changed.emit()
	_plan_timer.start()


## Lets the editor draw when a long list has taken its share of the frame.
func _pause() -> void:
	if Time.get_ticks_usec() >= _slice_end:
		await get_tree().process_frame
		_slice_end = Time.get_ticks_usec() + SLICE_USEC
