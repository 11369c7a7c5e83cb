@tool
extends Node
## Makes the editor take over files that the daemon wrote, and nothing but these.
##
## Many assets that finish together make one refresh. Nothing is selected, opened or focused.

signal refreshed(paths: PackedStringArray)

## Quiet time after the last file, in seconds.
const QUIET_SEC := 0.25

var _waiting: Dictionary = {}
var _running := false
var _timer := Timer.new()


func _init() -> void:
	_timer.one_shot = true
	_timer.wait_time = QUIET_SEC
	_timer.timeout.connect(_refresh)
	add_child(_timer)


## Remembers changed "res://" paths and refreshes them soon.
func add(paths: PackedStringArray) -> void:
	for path in paths:
		# Import settings are no resources; the scan sees them with their picture.
		if not path.is_empty() and path.get_extension() != "import":
			_waiting[path] = true
	if not _waiting.is_empty():
		_timer.start()


func _refresh() -> void:
	if _running:
		_timer.start()
		return
	_running = true
	var paths := PackedStringArray(_waiting.keys())
	_waiting.clear()
	await _take_over(paths)
	_running = false
	refreshed.emit(paths)


func _take_over(paths: PackedStringArray) -> void:
	var files := EditorInterface.get_resource_filesystem()
	while files.is_scanning():
		await get_tree().process_frame
	var imported := _imported_paths(paths)
	# The scan comes first: update_file() would hide a changed resource from it.
	files.scan_sources()
	await files.sources_changed
	while files.is_scanning():
		await get_tree().process_frame
	for path in paths:
		# A scan does not register the uid of a new file in a known folder.
		files.update_file(path)
	_reimport_missed(files, imported)
	_reload_missed(paths)


## A picture that was written within the second of the last scan looks unchanged to the scan.
func _reimport_missed(files: EditorFileSystem, imported: Dictionary) -> void:
	var missed := PackedStringArray()
	for path: String in imported:
		if not FileAccess.file_exists(path) or _import_state(path) == "":
			continue
		if not _import_matches(path):
			missed.append(path)
	if not missed.is_empty():
		files.reimport_files(missed)


## Resources in memory become what their files hold, also those whose change the scan did not see
## for the same reason. Scenes are left alone: an open one may hold changes of the user's.
func _reload_missed(paths: PackedStringArray) -> void:
	for path in paths:
		if path.get_extension() == "tres" and ResourceLoader.has_cached(path):
			ResourceLoader.load(path, "", ResourceLoader.CACHE_MODE_REPLACE)


func _imported_paths(paths: PackedStringArray) -> Dictionary:
	var found: Dictionary = {}
	for path in paths:
		if path.get_extension().to_lower() in ["png", "wav", "ogg"]:
			found[path] = true
	return found


func _import_state(path: String) -> String:
	var config := ConfigFile.new()
	if config.load(path + ".import") != OK:
		return ""
	return str(config.get_value("remap", "path", ""))


## Whether the imported copy was made from the file as it is now (Godot notes its MD5 beside it).
func _import_matches(path: String) -> bool:
	var imported := _import_state(path)
	var config := ConfigFile.new()
	if config.load(imported.get_basename() + ".md5") != OK:
		return true
	return str(config.get_value("", "source_md5", "")) == FileAccess.get_md5(path)
