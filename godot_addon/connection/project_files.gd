@tool
extends RefCounted
## Where the assetbridge project of this game lies, and what its files say about the daemon.
##
## The project (the folder with assetbridge.toml) is the game's folder or one above it.

const Answer := preload("answer.gd")

const PROJECT_FILE := "assetbridge.toml"
const RUNTIME_FILE := ".assetbridge/daemon.json"
const LAUNCHER_FILE := ".assetbridge/launcher.json"
const LOG_FILE := ".assetbridge/daemon.log"

## The project's folder without a slash at the end; empty when there is none.
var root := ""


func _init(game_folder := "") -> void:
	root = _find_root(game_folder if game_folder else ProjectSettings.globalize_path("res://"))


## Whether this game belongs to an assetbridge project.
func exists() -> bool:
	return not root.is_empty()


## What the daemon wrote about itself ({pid, port, token, version}); empty when none runs.
func runtime() -> Dictionary:
	var facts := _read_json(root.path_join(RUNTIME_FILE)) if exists() else {}
	return facts if facts.get("port") is float and facts.get("token") is String else {}


## The command that starts assetbridge, as `install-addon` recorded it; empty when unknown.
func launcher() -> PackedStringArray:
	var words: Variant = _read_json(root.path_join(LAUNCHER_FILE)).get("launcher")
	return PackedStringArray(words as Array) if words is Array else PackedStringArray()


## The daemon's log file.
func log_path() -> String:
	return root.path_join(LOG_FILE)


## The absolute path of a project-relative one.
func absolute(path: String) -> String:
	return root.path_join(path)


## The "res://" path of a project-relative one; empty when it lies outside the game's folder.
func to_resource_path(path: String) -> String:
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
	# An instance, because JSON.parse_string() logs an error when a daemon is just writing the file.
	var json := JSON.new()
	if json.parse(FileAccess.get_file_as_string(path)) != OK or json.data is not Dictionary:
		return {}
	return json.data
