@tool
extends RefCounted
## What assetbridge keeps in the user's own settings: how it is started, and which daemons run.
##
## A file of the project may come from a stranger. These were written by the user's own commands, and
## count only while nobody else may write them.

const LAUNCHERS_FILE := "launchers.json"
const DAEMONS_FILE := "daemons.json"


## The command that starts assetbridge for a project; empty when none is written down or it is gone.
static func launcher(root: String) -> PackedStringArray:
	for facts in _read(LAUNCHERS_FILE):
		for words: Variant in [_entry(facts.get("projects"), root), facts.get("default")]:
			if _can_start(words):
				return PackedStringArray(words as Array)
	return PackedStringArray()


## Whether a daemon of this user's wrote this record of itself: a clone can bring one along.
static func has_daemon(runtime: Dictionary) -> bool:
	for facts in _read(DAEMONS_FILE):
		var projects: Variant = facts.get("projects")
		if projects is not Dictionary:
			continue
		for record: Variant in (projects as Dictionary).values():
			if record is Dictionary and _is_same_daemon(record as Dictionary, runtime):
				return true
	return false


## Whether a path names a file without anything that the system would have to look for.
static func is_absolute(path: String) -> bool:
	if OS.get_name() == "Windows":
		return path.begins_with("\\\\") or path.substr(1, 2) in [":/", ":\\"]
	return path.begins_with("/")


## A path in the form in which two of them are compared.
static func normal(path: String) -> String:
	var simple := path.replace("\\", "/").simplify_path().trim_suffix("/")
	return simple.to_lower() if OS.get_name() in ["Windows", "macOS"] else simple


static func _is_same_daemon(record: Dictionary, runtime: Dictionary) -> bool:
	for fact: String in ["port", "token", "nonce"]:
		if not record.has(fact) or record[fact] != runtime.get(fact):
			return false
	return true


static func _can_start(words: Variant) -> bool:
	if words is not Array or (words as Array).is_empty():
		return false
	for word: Variant in words:
		if word is not String:
			return false
	var program: String = words[0]
	# A recorded interpreter may have been removed since.
	return is_absolute(program) and FileAccess.file_exists(program)


static func _entry(projects: Variant, root: String) -> Variant:
	if projects is Dictionary:
		for path: String in projects:
			if normal(path) == normal(root):
				return projects[path]
	return null


## The objects in the files of a name, of each folder that has one.
static func _read(file: String) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	for folder in _folders():
		var path := folder.path_join(file)
		if not FileAccess.file_exists(path) or not _is_private(path):
			continue
		# An instance, because JSON.parse_string() logs an error when a daemon is just writing the file.
		var json := JSON.new()
		if json.parse(FileAccess.get_file_as_string(path)) == OK and json.data is Dictionary:
			found.append(json.data as Dictionary)
	return found


## Whether nobody but the owner may write a file. Windows keeps others out of the folder instead.
static func _is_private(path: String) -> bool:
	if OS.get_name() == "Windows":
		return true
	var others := FileAccess.UNIX_WRITE_GROUP | FileAccess.UNIX_WRITE_OTHER
	return FileAccess.get_unix_permissions(path) & others == 0


## Where assetbridge keeps the user's files (platformdirs' user_config_dir), also seen from a sandbox.
static func _folders() -> PackedStringArray:
	var places: Array[PackedStringArray] = [
		[OS.get_environment("XDG_CONFIG_HOME"), "assetbridge"],
		# What Flatpak calls the one outside.
		[OS.get_environment("HOST_XDG_CONFIG_HOME"), "assetbridge"],
		[OS.get_environment("HOME"), ".config/assetbridge"],
	]
	if OS.get_name() == "Windows":
		places = [[OS.get_environment("LOCALAPPDATA"), "assetbridge/assetbridge"]]
	elif OS.get_name() == "macOS":
		places[2][1] = "Library/Application Support/assetbridge"
	var folders := PackedStringArray()
	for place in places:
		var folder := place[0].path_join(place[1])
		if is_absolute(place[0]) and folder not in folders:
			folders.append(folder)
	return folders
