@tool
extends EditorDebuggerPlugin
## Makes games that were started from the editor read changed files again.

## A message that Godot's own scene debugger understands in the game: nothing is added to the game.
const MESSAGE := "scene:reload_cached_files"


## Reloads "res://" paths that a game has loaded: pictures first, for resources refer to them.
func reload(paths: PackedStringArray) -> void:
	var pictures := PackedStringArray()
	var resources := PackedStringArray()
	for path in paths:
		if path.get_extension() == "tres":
			resources.append(path)
		else:
			pictures.append(path)
	for session: EditorDebuggerSession in get_sessions():
		if session.is_active():
			session.send_message(MESSAGE, [pictures + resources])
