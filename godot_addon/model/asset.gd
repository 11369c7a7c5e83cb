@tool
extends RefCounted
## One asset as the daemon describes it, with types instead of JSON values.

const VisibleText := preload("visible_text.gd")

const ENGINE := "godot"

var id := ""
## The id as labels show it.
var title := ""
var key := ""
var kind := ""
var state := "new"
## From 0 to 1; -1 when nothing is going on.
var progress := -1.0
var stale := false
## What went wrong, with the way out; empty when nothing did.
var error := ""
## Project-relative path of the spec file.
var spec := ""
## Project-relative paths of the files made for Godot.
var outputs := PackedStringArray()
## What a build of this asset costs; empty when it is free.
var price := ""
## Counts the changes of the picture, so that a thumbnail of an earlier one is not shown again.
var revision := 0


static func from_json(facts: Dictionary) -> RefCounted:
	var asset := new()
	asset.id = str(facts.get("id", ""))
	asset.title = VisibleText.of(asset.id)
	asset.key = str(facts.get("key", ""))
	asset.spec = asset.id + ".asset.toml"
	asset.update(facts)
	return asset


## Takes over what a listing or an event says; what it leaves out stays as it is.
func update(facts: Dictionary) -> void:
	var was := state
	if facts.get("kind") is String:
		kind = VisibleText.of(facts["kind"])
	if facts.get("state") is String:
		state = VisibleText.of(facts["state"])
	if facts.get("stale") is bool:
		stale = facts["stale"]
	if facts.has("progress"):
		progress = float(facts["progress"]) if facts["progress"] is float else -1.0
	if not is_busy():
		progress = -1.0
	if facts.has("error"):
		var text := error_text(facts["error"])
		# A listing may know the state without its reason, which an event has told.
		if not text.is_empty() or state != was or state == "ready":
			error = text
	if is_busy():
		# What was wrong before, or was to be decided, is being done.
		error = ""
	if facts.get("outputs") is Dictionary:
		var files: Variant = (facts["outputs"] as Dictionary).get(ENGINE)
		if files is Array:
			outputs = PackedStringArray(files as Array)


## Takes over files that were just written; the next listing has all of them.
func add_outputs(paths: PackedStringArray) -> void:
	for path in paths:
		if path not in outputs:
			outputs.append(path)


## The file that a scene uses: a resource or scene rather than the picture behind it.
func main_output() -> String:
	for path in outputs:
		if path.get_extension() in ["tres", "tscn", "res"]:
			return path
	return outputs[0] if not outputs.is_empty() else ""


## Whether words that somebody types in the search box, in lower case, mean this asset.
func matches(words: PackedStringArray) -> bool:
	for word in words:
		if id.findn(word) < 0 and word not in kind and word not in state:
			return false
	return true


func is_busy() -> bool:
	return state in ["queued", "building"]


## One of the daemon's errors with the way out and the place, as text.
static func error_text(value: Variant) -> String:
	if value is String:
		return VisibleText.of(value)
	if value is not Dictionary:
		return ""
	var facts: Dictionary = value
	var lines := PackedStringArray([str(facts.get("message", ""))])
	if facts.get("hint"):
		lines.append(str(facts["hint"]))
	if facts.get("where") is Dictionary:
		var place: Dictionary = facts["where"]
		if place.get("file"):
			lines.append(str(place["file"]) + (":%d" % int(place["line"]) if place.get("line") else ""))
	return VisibleText.of("\n".join(lines))
