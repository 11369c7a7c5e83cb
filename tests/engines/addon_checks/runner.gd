@tool
extends SceneTree
## Runs the methods of checks.gd that are named after "--" inside a real editor.

## Seconds.
var limit := 40.0
var checks_file := "res://checks/checks.gd"

var _failures := PackedStringArray()


func check(ok: bool, what: String) -> void:
	if not ok:
		_failures.append(what)


## Waits until something holds; false when it does not come to hold in time.
func until(condition: Callable, seconds := 15.0) -> bool:
	var end := Time.get_ticks_msec() + int(seconds * 1000.0)
	while not condition.call():
		if Time.get_ticks_msec() > end:
			return false
		await create_timer(0.02).timeout
	return true


func _initialize() -> void:
	create_timer(limit).timeout.connect(_finish.bind("timed out"))
	_run.call_deferred()


func _run() -> void:
	await process_frame
	while EditorInterface.get_resource_filesystem().is_scanning():
		await process_frame
	var checks: RefCounted = (load(checks_file) as GDScript).new()
	for method in OS.get_cmdline_user_args():
		await checks.call(method, self)
		if not _failures.is_empty():
			_failures.append("stopped in " + method)
			break
	_finish("")


func _finish(trouble: String) -> void:
	if not trouble.is_empty():
		_failures.append(trouble)
	for failure in _failures:
		print("FAIL ", failure)
	print("RESULT ", _failures.size())
	quit(0 if _failures.is_empty() else 1)
