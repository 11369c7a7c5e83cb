extends SceneTree
## Draws the map scenes of maps.json, each in a viewport of its own size, and saves the pictures beside the project.


func _init() -> void:
	_draw_all.call_deferred()


func _draw_all() -> void:
	var maps := JSON.parse_string(FileAccess.get_file_as_string("res://maps.json")) as Array
	for entry: Dictionary in maps:
		await _draw(entry)
	print("DRAWN %d" % maps.size())
	quit()


func _draw(entry: Dictionary) -> void:
	var viewport := SubViewport.new()
	viewport.size = Vector2i(int(entry.size[0]), int(entry.size[1]))
	viewport.transparent_bg = true
	viewport.disable_3d = true
	viewport.canvas_transform.origin = Vector2(entry.origin[0], entry.origin[1])
	viewport.render_target_update_mode = SubViewport.UPDATE_ALWAYS
	viewport.add_child((load(entry.scene as String) as PackedScene).instantiate())
	root.add_child(viewport)
	for frame in 2:
		await RenderingServer.frame_post_draw
	viewport.get_texture().get_image().save_png(entry.picture as String)
	viewport.queue_free()
