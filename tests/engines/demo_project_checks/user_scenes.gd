extends SceneTree
## Makes scenes out of the demo's files as a user does in the editor, or says what such scenes show.
##
## `-- make`, in the editor, paints and saves `user_hero.tscn` and `user_level.tscn`; `-- show FOLDER`, in the running
## game, writes `seen.json` and pictures.
## The exit code is 0 when everything could be done.

const TIME_LIMIT := 60.0
const HERO := "res://user_hero.tscn"
const LEVEL := "res://user_level.tscn"
const OWN := "res://generated/art/"
const ANIMATION := "attack_south_east"
const SIZE := Vector2i(14, 10)

var _failures := 0


func _initialize() -> void:
	create_timer(TIME_LIMIT).timeout.connect(quit.bind(3))
	_run.call_deferred()


func _run() -> void:
	if Engine.is_editor_hint():
		var files: Object = Engine.get_singleton("EditorInterface").get_resource_filesystem()
		while files.is_scanning():
			await process_frame
	var words := OS.get_cmdline_user_args()
	if words[0] == "make":
		_make()
	else:
		_show(words[1])
	quit(1 if _failures else 0)


func _expect(done: bool, what: String) -> void:
	if not done:
		_failures += 1
		print("FAIL %s" % what)


func _make() -> void:
	var player := Node2D.new()
	player.name = "Player"
	var sprite := AnimatedSprite2D.new()
	sprite.sprite_frames = load(OWN + "hero.tres")
	sprite.animation = ANIMATION
	_adopt(player, sprite, "Sprite")
	_save(player, HERO)
	var level := Node2D.new()
	level.name = "Level"
	var ground := TileMapLayer.new()
	ground.tile_set = load(OWN + "overworld.tres")
	_adopt(level, ground, "Ground")
	_paint(ground)
	_adopt(level, (load(OWN + "hero.tscn") as PackedScene).instantiate(PackedScene.GEN_EDIT_STATE_INSTANCE), "Knight")
	var gem := Sprite2D.new()
	gem.texture = load(OWN + "icons/ruby.tres")
	_adopt(level, gem, "Gem")
	var music := AudioStreamPlayer.new()
	music.stream = load(OWN + "village_theme.ogg")
	_adopt(level, music, "Music")
	_save(level, LEVEL)


func _adopt(root: Node, child: Node, title: String) -> void:
	child.name = title
	root.add_child(child)
	child.owner = root


func _save(node: Node, path: String) -> void:
	var scene := PackedScene.new()
	_expect(scene.pack(node) == OK and ResourceSaver.save(scene, path) == OK, "saving " + path)
	node.free()


## Water all over, an island of sand in it, grass on the island, and one lone cell of sand.
func _paint(ground: TileMapLayer) -> void:
	for terrain in 3:
		var edge := terrain * 2
		_stroke(ground, Rect2i(Vector2i(edge, edge), SIZE - Vector2i(edge, edge) * 2), terrain)
	_stroke(ground, Rect2i(11, 1, 1, 1), 1)


func _stroke(ground: TileMapLayer, block: Rect2i, terrain: int) -> void:
	var cells: Array[Vector2i] = []
	for y in range(block.position.y, block.end.y):
		for x in range(block.position.x, block.end.x):
			cells.append(Vector2i(x, y))
	ground.set_cells_terrain_connect(cells, 0, terrain, false)


func _show(folder: String) -> void:
	var player := (load(HERO) as PackedScene).instantiate()
	var level := (load(LEVEL) as PackedScene).instantiate()
	var sprite: AnimatedSprite2D = player.get_node("Sprite")
	var knight: AnimatedSprite2D = level.get_node("Knight")
	var ground: TileMapLayer = level.get_node("Ground")
	var gem: Sprite2D = level.get_node("Gem")
	var music: AudioStreamPlayer = level.get_node("Music")
	var links := {}
	for path: String in [HERO, LEVEL, "res://main.tscn"]:
		links[path] = _links(path)
	var seen := {
		"links": links,
		"sprite": _clip(sprite),
		"knight": _clip(knight).merged({"offset": [knight.offset.x, knight.offset.y]}),
		"ground": _cells(ground),
		"music": [music.stream.get_length(), music.stream.loop],
	}
	var pictures := {"sprite": _strip(sprite), "knight": _strip(knight), "ground": _picture_of(ground), "gem": _untrimmed(gem.texture)}
	for title: String in pictures:
		_expect((pictures[title] as Image).save_png("%s/%s.png" % [folder, title]) == OK, "the picture " + title)
	var file := FileAccess.open(folder + "/seen.json", FileAccess.WRITE)
	file.store_string(JSON.stringify(seen))
	file.close()
	player.free()
	level.free()


## What the uids in a scene's file stand for; a name instead of a uid stays as it is.
func _links(path: String) -> Array[String]:
	var found: Array[String] = []
	var uid := RegEx.create_from_string('\\[ext_resource [^\\]]*uid="([^"]+)"')
	for line in FileAccess.get_file_as_string(path).split("\n"):
		var match := uid.search(line)
		if match:
			var id := ResourceUID.text_to_id(match.get_string(1))
			found.append(ResourceUID.get_id_path(id) if ResourceUID.has_id(id) else match.get_string(1))
		elif line.begins_with("[ext_resource"):
			found.append(line)
	return found


func _clip(sprite: AnimatedSprite2D) -> Dictionary:
	var frames := sprite.sprite_frames
	var milliseconds: Array[float] = []
	for i in frames.get_frame_count(sprite.animation):
		var seconds := frames.get_frame_duration(sprite.animation, i) / frames.get_animation_speed(sprite.animation)
		milliseconds.append(roundf(seconds * 1000.0))
	var loop := frames.get_animation_loop(sprite.animation)
	return {"animation": sprite.animation, "loop": loop, "milliseconds": milliseconds}


func _cells(ground: TileMapLayer) -> Array[Array]:
	var cells: Array[Array] = []
	for y in SIZE.y:
		for x in SIZE.x:
			var at := Vector2i(x, y)
			var tile := ground.get_cell_atlas_coords(at)
			cells.append([x, y, ground.get_cell_source_id(at), tile.x, tile.y, ground.get_cell_alternative_tile(at)])
	return cells


func _strip(sprite: AnimatedSprite2D) -> Image:
	var frames := sprite.sprite_frames
	var pictures: Array[Image] = []
	for i in frames.get_frame_count(sprite.animation):
		pictures.append(_untrimmed(frames.get_frame_texture(sprite.animation, i)))
	var size := pictures[0].get_size()
	var strip := Image.create_empty(size.x * pictures.size(), size.y, false, Image.FORMAT_RGBA8)
	for i in pictures.size():
		strip.blit_rect(pictures[i], Rect2i(Vector2i.ZERO, size), Vector2i(size.x * i, 0))
	return strip


func _picture_of(ground: TileMapLayer) -> Image:
	var tile := ground.tile_set.tile_size
	var image := Image.create_empty(SIZE.x * tile.x, SIZE.y * tile.y, false, Image.FORMAT_RGBA8)
	for cell in ground.get_used_cells():
		var source: TileSetAtlasSource = ground.tile_set.get_source(ground.get_cell_source_id(cell))
		var sheet := source.texture.get_image()
		sheet.convert(Image.FORMAT_RGBA8)
		image.blit_rect(sheet, source.get_tile_texture_region(ground.get_cell_atlas_coords(cell)), cell * tile)
	return image


## The picture of an AtlasTexture with the empty margins that packing took away.
func _untrimmed(texture: AtlasTexture) -> Image:
	var size := Vector2i(texture.get_size())
	var image := Image.create_empty(size.x, size.y, false, Image.FORMAT_RGBA8)
	var sheet := texture.atlas.get_image()
	sheet.convert(Image.FORMAT_RGBA8)
	image.blit_rect(sheet, Rect2i(texture.region), Vector2i(texture.margin.position))
	return image
