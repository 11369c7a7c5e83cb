@tool
extends RefCounted
## Where the assetbridge project of this game lies, and what its files say about the daemon.
##
## The project (the folder with assetbridge.toml) is the game's folder or one above it.

const Answer := preload("answer.gd")
const UserFiles := preload("user_files.gd")

const PROJECT_FILE := "assetbridge.toml"
const RUNTIME_FILE := ".assetbridge/daemon.json"
const LOG_FILE := ".assetbridge/daemon.log"
## Bytes; a daemon's record of itself has some hundred.
const LONGEST_FILE := 65_536
## What assetbridge writes for Godot. A daemon's answer makes the editor load nothing else: no script.
const OUTPUT_TYPES: Array[String] = ["import", "ogg", "png", "tres", "tscn", "wav"]

## The project's folder without a slash at the end; empty when there is none.
var root := ""


func _init(game_folder := "") -> void:
	root = _find_root(game_folder if game_folder else ProjectSettings.globalize_path("res://"))


## Whether this game belongs to an assetbridge project.
func exists() -> bool:
	return not root.is_empty()


## What the daemon wrote about itself ({pid, port, token, version, nonce}); empty when none runs. The
## file may be another project's, copied with its folder: the daemon's first answer tells.
func runtime() -> Dictionary:
	var facts := _read_json(root.path_join(RUNTIME_FILE)) if exists() else {}
	var is_whole: bool = facts.get("port") is float and facts.get("token") is String and facts.get("nonce") is String
	return facts if is_whole and UserFiles.has_daemon(facts) else {}


## The daemon's log file.
func log_path() -> String:
	return root.path_join(LOG_FILE)


## The absolute path of a project-relative one.
func absolute(path: String) -> String:
	return root.path_join(path)


## The "res://" path of a file that was made for Godot, by its project-relative one; empty when it lies
## outside the game's folder or is of another type.
func to_resource_path(path: String) -> String:
	if path.get_extension().to_lower() not in OUTPUT_TYPES:
		return ""
	var game := ProjectSettings.globalize_path("res://").trim_suffix("/") + "/"
	var full := absolute(path).simplify_path()
	return "res://" + full.trim_prefix(game) if full.begins_with(game) else ""


## Where the addon itself lies.
static func addon_folder() -> String:
	return (Answer as Script).resource_path.get_base_dir().get_base_dir()


static func _find_root(game_folder: String) -> String:
	var folder := game_folder.simplify_path().trim_suffix("/")
	while not folder.is_empty():
		if FileAccess.file_exists(folder.path_join(PROJECT_FILE)):
			return folder
		var above := folder.get_base_dir().trim_suffix("/")
		if above == folder:
			break
		folder = above
	return ""


static func _read_json(path: String) -> Dictionary:
	if not FileAccess.file_exists(path):
		return {}
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() > LONGEST_FILE:
		return {}
	# An instance, because JSON.parse_string() logs an error when a daemon is just writing the file.
	var json := JSON.new()
	if json.parse(file.get_as_text()) != OK or json.data is not Dictionary:
		return {}
	return json.data
