extends SceneTree
## Runs the steps of `res://plan.json` in the editor and says what is wrong.
##
## Every failure is a line `FAIL step: reason`; the last line is `RESULT n`, the number of failures, which is also
## the exit code (0 or 1).

const TIME_LIMIT := 50.0
const TerrainChecks := preload("res://terrain_checks.gd")

var _failures := 0
var _step := ""


func _initialize() -> void:
	create_timer(TIME_LIMIT).timeout.connect(quit.bind(3))
	_run.call_deferred()


func _run() -> void:
	var files := EditorInterface.get_resource_filesystem()
	while files.is_scanning():
		await process_frame
	var plan: Array = JSON.parse_string(FileAccess.get_file_as_string("res://plan.json"))
	for entry: Dictionary in plan:
		_step = "%s %s" % [entry.check, entry.path]
		if not ResourceLoader.exists(entry.path):
			_fail("is not there")
			continue
		call("_check_" + entry.check, load(entry.path), entry)
	print("RESULT %d" % _failures)
	quit(1 if _failures else 0)


func _fail(reason: String) -> void:
	_failures += 1
	print("FAIL %s: %s" % [_step, reason])


func _expect(seen: Variant, wanted: Variant, what: String) -> void:
	if seen != wanted:
		_fail("%s is %s, not %s" % [what, seen, wanted])


func _check_animations(frames: SpriteFrames, entry: Dictionary) -> void:
	var wanted: Dictionary = entry.animations
	_expect(Array(frames.get_animation_names()), Array(wanted.keys()), "the list of animations")
	for animation: String in wanted:
		if not frames.has_animation(animation):
			continue
		var details: Dictionary = wanted[animation]
		_expect(frames.get_animation_loop(animation), details.loop, animation + " loop")
		_expect(frames.get_frame_count(animation), details.pictures.size(), animation + " frames")
		for i in mini(frames.get_frame_count(animation), details.pictures.size()):
			var seconds := frames.get_frame_duration(animation, i) / frames.get_animation_speed(animation)
			if not is_equal_approx(seconds * 1000.0, details.milliseconds[i]):
				_fail("%s frame %d lasts %f s" % [animation, i, seconds])
			_compare(_picture(frames.get_frame_texture(animation, i)), details.pictures[i], "%s %d" % [animation, i])


func _check_texture(texture: AtlasTexture, entry: Dictionary) -> void:
	_compare(_picture(texture), entry.picture, "picture")


func _check_scene(scene: PackedScene, entry: Dictionary) -> void:
	var root := scene.instantiate()
	var sprite: AnimatedSprite2D = root.get_node(NodePath(entry.node))
	_expect(String(sprite.animation), entry.animation, "animation")
	_expect(sprite.autoplay, entry.autoplay, "autoplay")
	_expect(sprite.texture_filter, float(CanvasItem.TEXTURE_FILTER_NEAREST), "filter")
	var texture := sprite.sprite_frames.get_frame_texture(sprite.animation, 0)
	_compare(_picture(texture), entry.picture, "picture")
	var corner := sprite.offset - texture.get_size() / 2
	_expect(corner, Vector2(entry.corner[0], entry.corner[1]), "top left corner")
	root.free()


func _check_cells(scene: PackedScene, entry: Dictionary) -> void:
	var root := scene.instantiate()
	for layer_name: String in entry.layers:
		var layer: TileMapLayer = root.get_node(layer_name)
		var cells: Array = entry.layers[layer_name]
		_expect(layer.get_used_cells().size(), cells.size(), layer_name + " number of cells")
		for cell: Dictionary in cells:
			var at := Vector2i(cell.at[0], cell.at[1])
			var source := layer.tile_set.get_source(layer.get_cell_source_id(at)) as TileSetAtlasSource
			if source == null:
				_fail("%s %s has no tile" % [layer_name, at])
				continue
			var region := source.get_tile_texture_region(layer.get_cell_atlas_coords(at))
			var image := source.texture.get_image().get_region(region)
			_compare(_flipped(image, layer.get_cell_alternative_tile(at)), cell.picture, "%s %s" % [layer_name, at])
	for path: String in entry.get("nodes", {}):
		var node := root.get_node_or_null(path)
		_expect(node.get_class() if node else "", entry.nodes[path], path)
	root.free()


func _check_tiles(tiles: TileSet, entry: Dictionary) -> void:
	var source: TileSetAtlasSource = tiles.get_source(0)
	_expect(source.has_tiles_outside_texture(), false, "tiles outside the picture")
	_expect(tiles.tile_size, Vector2i(entry.cell[0], entry.cell[1]), "tile size")
	_expect(source.get_tiles_count(), entry.tiles.size(), "number of tiles")
	for tile: Dictionary in entry.tiles:
		var at := Vector2i(tile.at[0], tile.at[1])
		_expect(source.get_tile_animation_frames_count(at), tile.pictures.size(), "%s frames" % at)
		var total := 0.0
		for frame in tile.pictures.size():
			var region := source.get_tile_texture_region(at, frame)
			_compare(source.texture.get_image().get_region(region), tile.pictures[frame], "%s frame %d" % [at, frame])
			total += source.get_tile_animation_frame_duration(at, frame) / source.get_tile_animation_speed(at)
		if tile.pictures.size() > 1 and not is_equal_approx(total * 1000.0, tile.milliseconds):
			_fail("%s animation lasts %f s" % [at, total])
		_check_tile_data(tiles, source.get_tile_data(at, 0), tile, at)


func _check_tile_data(tiles: TileSet, data: TileData, tile: Dictionary, at: Vector2i) -> void:
	if not is_equal_approx(data.probability, tile.probability):
		_fail("%s probability is %f" % [at, data.probability])
	var polygons := data.get_collision_polygons_count(0) if tiles.get_physics_layers_count() else 0
	_expect(polygons, tile.collision.size(), "%s collision polygons" % at)
	for number in mini(polygons, tile.collision.size()):
		var points := PackedVector2Array()
		for point: Array in tile.collision[number]:
			points.append(Vector2(point[0], point[1]))
		_expect(data.get_collision_polygon_points(0, number), points, "%s collision %d" % [at, number])
	for key: String in tile.custom:
		_expect(data.get_custom_data(key), tile.custom[key], "%s %s" % [at, key])
	_expect(data.texture_origin, Vector2i(tile.origin[0], tile.origin[1]), "%s origin" % at)


func _check_terrains(tiles: TileSet, entry: Dictionary) -> void:
	_expect(tiles.get_terrain_set_mode(0), float(TileSet.TERRAIN_MODE_MATCH_CORNERS), "terrain mode")
	for i in entry.names.size():
		_expect(tiles.get_terrain_name(0, i), entry.names[i], "terrain %d" % i)
		_expect(tiles.get_terrain_color(0, i).to_html(false), entry.colors[i], "colour %d" % i)
	for reason: String in TerrainChecks.new().run(tiles, entry.names.size(), root):
		_fail(reason)


func _check_sound(sound: AudioStream, entry: Dictionary) -> void:
	if sound is AudioStreamWAV:
		var wanted := AudioStreamWAV.LOOP_FORWARD if entry.loop else AudioStreamWAV.LOOP_DISABLED
		_expect(sound.loop_mode, wanted, "loop")
		if entry.loop:
			_expect(sound.loop_begin, int(entry.begin), "loop begin")
			_expect(sound.loop_end, int(entry.end), "loop end")
	else:
		_expect(sound.loop, entry.loop, "loop")
	if absf(sound.get_length() - entry.seconds) > 0.01:
		_fail("it lasts %f s" % sound.get_length())


## The editor's own saving must give the file that we wrote, byte for byte.
func _check_saving(resource: Resource, entry: Dictionary) -> void:
	var before := FileAccess.get_file_as_string(entry.path)
	_expect(ResourceSaver.save(resource, entry.path), OK, "saving")
	var after := FileAccess.get_file_as_string(entry.path)
	if entry.exact and before != after:
		var old_lines := before.split("\n")
		var new_lines := after.split("\n")
		for i in mini(old_lines.size(), new_lines.size()):
			if old_lines[i] != new_lines[i]:
				_fail("line %d: %s became %s" % [i + 1, old_lines[i].left(200), new_lines[i].left(200)])
				return
		_fail("it has %d lines, not %d" % [new_lines.size(), old_lines.size()])


## What a user does in the SpriteFrames editor: an animation of their own, with one of our frames and a new one.
func _check_add_animation(frames: SpriteFrames, entry: Dictionary) -> void:
	frames.add_animation("custom")
	frames.set_animation_speed("custom", 7.0)
	frames.add_frame("custom", frames.get_frame_texture(entry.animation, 0))
	frames.add_frame("custom", load(entry.texture), 2.0)
	_expect(ResourceSaver.save(frames, entry.path), OK, "saving")


## What a user does in the TileSet editor.
func _check_edit_tiles(tiles: TileSet, entry: Dictionary) -> void:
	tiles.add_physics_layer()
	tiles.add_custom_data_layer()
	var layer := tiles.get_custom_data_layers_count() - 1
	tiles.set_custom_data_layer_name(layer, "cost")
	tiles.set_custom_data_layer_type(layer, TYPE_FLOAT)
	tiles.add_occlusion_layer()
	var source: TileSetAtlasSource = tiles.get_source(0)
	var at := Vector2i(entry.at[0], entry.at[1])
	var data := source.get_tile_data(at, 0)
	data.set_custom_data("cost", 2.5)
	data.z_index = 3
	data.add_collision_polygon(1)
	data.set_collision_polygon_points(1, 0, PackedVector2Array([Vector2(0, 0), Vector2(4, 0), Vector2(0, 4)]))
	var light := OccluderPolygon2D.new()
	light.polygon = PackedVector2Array([Vector2(0, 0), Vector2(4, 0), Vector2(0, 4)])
	data.add_occluder_polygon(0)
	data.set_occluder_polygon(0, 0, light)
	var flipped := source.create_alternative_tile(at)
	source.get_tile_data(at, flipped).flip_h = true
	_expect(ResourceSaver.save(tiles, entry.path), OK, "saving")


func _check_edited_tiles(tiles: TileSet, entry: Dictionary) -> void:
	var source: TileSetAtlasSource = tiles.get_source(0)
	var at := Vector2i(entry.at[0], entry.at[1])
	var data := source.get_tile_data(at, 0)
	_expect(data.get_custom_data("cost"), 2.5, "custom data")
	_expect(data.z_index, 3, "z index")
	_expect(data.get_collision_polygons_count(1), 1, "the user's polygon")
	_expect(data.get_occluder_polygons_count(0), 1, "the user's occluder")
	var flipped := range(1, source.get_alternative_tiles_count(at)).any(
		func(i: int) -> bool:
			return source.get_tile_data(at, source.get_alternative_tile_id(at, i)).flip_h
	)
	_expect(flipped, true, "the user's alternative")


## The untrimmed picture of a texture: of an AtlasTexture its region inside its margins.
func _picture(texture: Texture2D) -> Image:
	if texture is not AtlasTexture:
		return texture.get_image()
	var size := Vector2i(texture.get_size())
	var image := Image.create_empty(size.x, size.y, false, Image.FORMAT_RGBA8)
	var region := texture.atlas.get_image().get_region(Rect2i(texture.region)) as Image
	region.convert(Image.FORMAT_RGBA8)
	image.blit_rect(region, Rect2i(Vector2i.ZERO, region.get_size()), Vector2i(texture.margin.position))
	return image


func _flipped(image: Image, alternative: int) -> Image:
	var result := image.duplicate() as Image
	if alternative & TileSetAtlasSource.TRANSFORM_TRANSPOSE:
		result.rotate_90(CLOCKWISE)
		result.flip_x()
	if alternative & TileSetAtlasSource.TRANSFORM_FLIP_H:
		result.flip_x()
	if alternative & TileSetAtlasSource.TRANSFORM_FLIP_V:
		result.flip_y()
	return result


## Compares with a PNG; the colour of fully transparent pixels does not count.
func _compare(image: Image, path: String, what: String) -> void:
	var wanted := Image.new()
	wanted.load_png_from_buffer(FileAccess.get_file_as_bytes(path))
	for each: Image in [image, wanted]:
		each.convert(Image.FORMAT_RGBA8)
	if image.get_size() != wanted.get_size():
		_fail("%s is %s, not %s" % [what, image.get_size(), wanted.get_size()])
		return
	for y in image.get_height():
		for x in image.get_width():
			var seen := image.get_pixel(x, y)
			var other := wanted.get_pixel(x, y)
			if seen != other and (seen.a8 or other.a8):
				_fail("%s pixel %d, %d is %s, not %s" % [what, x, y, seen, other])
				return
