@tool
extends RefCounted
## Starts and stops the daemon through the assetbridge command line.
##
## The command comes from this user's settings, never from the project, and is an absolute path: the
## system would also look for a name in the folder of the game.

const ProjectFiles := preload("project_files.gd")
const UserFiles := preload("user_files.gd")

const SETTING := "assetbridge/launcher"
const NAME := "assetbridge"


## Makes the launcher's path a setting of the editor (of this machine, not of the project).
static func register_setting() -> void:
	var settings := EditorInterface.get_editor_settings()
	if not settings.has_setting(SETTING):
		settings.set_setting(SETTING, "")
	settings.set_initial_value(SETTING, "", false)
	settings.add_property_info({
		"name": SETTING,
		"type": TYPE_STRING,
		"hint": PROPERTY_HINT_GLOBAL_FILE,
	})


## The command: the editor setting, else what the last command wrote down, else the program on PATH.
## Empty when there is none.
static func command(files: ProjectFiles) -> PackedStringArray:
	# Not get_setting(): it prefers what project.godot says in [editor_overrides].
	var chosen := str(EditorInterface.get_editor_settings().get(SETTING))
	if UserFiles.is_absolute(chosen):
		return PackedStringArray([chosen])
	var recorded := UserFiles.launcher(files.root)
	if not recorded.is_empty():
		return recorded
	var program := _find_on_path(files)
	return PackedStringArray() if program.is_empty() else PackedStringArray([program])


## Runs a daemon command ("start" or "stop"). False when no process could be made; whether the
## daemon then answers is another question, for a missing program yields a process id, too.
static func run(files: ProjectFiles, verb: String) -> bool:
	var words := command(files)
	if words.is_empty():
		return false
	words.append_array(["daemon", verb, "--project", files.root])
	return OS.create_process(words[0], words.slice(1)) > 0


## The line that does the same by hand.
static func manual_line(verb: String) -> String:
	return "assetbridge daemon " + verb


## The program's path; empty when no folder of PATH has it. Folders that are relative, or that lie in
## the project or the game, do not count.
static func _find_on_path(files: ProjectFiles) -> String:
	var is_windows := OS.get_name() == "Windows"
	var inside := PackedStringArray([files.root, ProjectSettings.globalize_path("res://")])
	for folder in OS.get_environment("PATH").split(";" if is_windows else ":", false):
		var path := folder.path_join(NAME + (".exe" if is_windows else ""))
		var taken := UserFiles.is_absolute(folder)
		for root in inside:
			taken = taken and not (UserFiles.normal(path) + "/").begins_with(UserFiles.normal(root) + "/")
		if taken and FileAccess.file_exists(path) and _may_run(path):
			return path
	return ""


static func _may_run(path: String) -> bool:
	if OS.get_name() == "Windows":
		return true
	var runs := FileAccess.UNIX_EXECUTE_OWNER | FileAccess.UNIX_EXECUTE_GROUP | FileAccess.UNIX_EXECUTE_OTHER
	return FileAccess.get_unix_permissions(path) & runs != 0
