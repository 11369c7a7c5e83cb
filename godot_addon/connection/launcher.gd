@tool
extends RefCounted
## Starts and stops the daemon through the assetbridge command line.

const ProjectFiles := preload("project_files.gd")

const SETTING := "assetbridge/launcher"


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


## The command: the editor setting, else what install-addon recorded, else the name on PATH.
static func command(files: ProjectFiles) -> PackedStringArray:
	var chosen := str(EditorInterface.get_editor_settings().get_setting(SETTING))
	if not chosen.is_empty():
		return PackedStringArray([chosen])
	var recorded := files.launcher()
	# A recorded interpreter may have been removed since.
	if not recorded.is_empty() and FileAccess.file_exists(recorded[0]):
		return recorded
	return PackedStringArray(["assetbridge"])


## Runs a daemon command ("start" or "stop"). False when no process could be made; whether the
## daemon then answers is another question, for a missing program yields a process id, too.
static func run(files: ProjectFiles, verb: String) -> bool:
	var words := command(files)
	words.append_array(["daemon", verb, "--project", files.root])
	return OS.create_process(words[0], words.slice(1)) > 0


## The line that does the same by hand.
static func manual_line(verb: String) -> String:
	return "assetbridge daemon " + verb
