@tool
extends "checks.gd"
## What a person does with the dock, in the order of a first session; `t` is the runner.

const SPEC_SEC := 30.0


func command(number: int) -> Button:
	return dock()._commands[number]


func state(id: String) -> String:
	return bridge().catalog.assets[id].state if bridge().catalog.assets.has(id) else "missing"


func asset(id: String) -> RefCounted:
	return bridge().catalog.assets[id]


func row(id: String) -> Control:
	for found: Control in dock().list._rows:
		if found.visible and found.asset.id == id:
			return found
	return null


func click_row(t: Object, id: String) -> void:
	dock().list._bar.value = 0.0
	await t.settle()
	if row(id) == null:
		dock().list.select(id)
		await t.settle()
	await t.click(row(id))
	t.check(dock().list.selected == id, "%s selected by a click" % id)


func write(path: String, text: String) -> void:
	FileAccess.open(bridge().link.files.absolute(path), FileAccess.WRITE).store_string(text)


func opened() -> String:
	return FileAccess.get_file_as_string(bridge().link.files.absolute("opened.txt")).strip_edges()


func pid() -> int:
	return int(bridge().link.files.runtime().get("pid", 0))


## Selects a resource, and brings the inspector to the front as a click on its tab does.
func inspect(t: Object, path: String) -> void:
	EditorInterface.edit_resource(load(path))
	var place: Node = EditorInterface.get_inspector()
	while not place.has_method(&"make_visible"):
		place = place.get_parent()
	place.call(&"make_visible")
	await t.settle()


func show_dock(t: Object) -> void:
	# The 3D view is slow to draw without a graphics card.
	EditorInterface.set_main_screen_editor("2D")
	dock().get_parent().call(&"make_visible")
	await t.settle()


func starts_the_daemon(t: Object) -> void:
	await show_dock(t)
	t.check(bridge().link.status == 1, "stopped at first")
	t.shot("01-no-daemon")
	await t.click(dock()._connection._button)
	t.check(await t.until(connected, 20.0), "connected")
	await t.settle()
	t.shot("02-connected")


## Whether the editor knows a file, and has imported what came with it.
func taken_over(path: String) -> bool:
	var refresher: Node = bridge().refresher
	var idle: bool = refresher._waiting.is_empty() and not refresher._running
	return idle and not EditorInterface.get_resource_filesystem().get_file_type(path).is_empty()


func builds_one(t: Object) -> void:
	await click_row(t, "art/hero")
	await t.click(command(0))
	t.check(await t.until(func() -> bool: return state("art/hero") == "ready"), "hero built")
	t.check(await t.until(func() -> bool: return taken_over("res://art/hero.tres")), "the editor knows the file")
	var scene := Node2D.new()
	scene.name = "Main"
	var sprite := AnimatedSprite2D.new()
	sprite.name = "Hero"
	sprite.sprite_frames = load("res://art/hero.tres")
	sprite.animation = sprite.sprite_frames.get_animation_names()[0]
	scene.add_child(sprite)
	sprite.owner = scene
	var packed := PackedScene.new()
	packed.pack(scene)
	ResourceSaver.save(packed, "res://main.tscn")
	scene.free()
	EditorInterface.get_resource_filesystem().update_file("res://main.tscn")
	EditorInterface.set_main_screen_editor("2D")
	EditorInterface.open_scene_from_path("res://main.tscn")
	await t.until(func() -> bool: return EditorInterface.get_edited_scene_root() != null)
	await t.settle()
	t.shot("03-hero-in-a-scene")


## Whether the open scene's frames are those in the file, picture by picture.
func is_current() -> bool:
	var shown: SpriteFrames = EditorInterface.get_edited_scene_root().get_node("Hero").sprite_frames
	var written := ResourceLoader.load("res://art/hero.tres", "", ResourceLoader.CACHE_MODE_IGNORE) as SpriteFrames
	var picture := Image.load_from_file(ProjectSettings.globalize_path("res://art/hero.png"))
	picture.convert(Image.FORMAT_RGBA8)
	for animation in written.get_animation_names():
		for index in written.get_frame_count(animation):
			var ours := shown.get_frame_texture(animation, index) as AtlasTexture
			var theirs := written.get_frame_texture(animation, index) as AtlasTexture
			if ours.region != theirs.region or ours.margin != theirs.margin:
				return false
			var cut := picture.get_region(Rect2i(theirs.region))
			var drawn := ours.atlas.get_image().get_region(Rect2i(theirs.region))
			if opaque(cut) != opaque(drawn):
				return false
	return true


## The pixels that are seen, for the import changes the colour of transparent ones.
func opaque(image: Image) -> Array[Color]:
	var found: Array[Color] = []
	for y in image.get_height():
		for x in image.get_width():
			var pixel := image.get_pixel(x, y)
			found.append(pixel if pixel.a > 0.0 else Color.TRANSPARENT)
	return found


func pixels_of_hero() -> PackedByteArray:
	var sprite: AnimatedSprite2D = EditorInterface.get_edited_scene_root().get_node("Hero")
	var texture := sprite.sprite_frames.get_frame_texture(sprite.animation, 0) as AtlasTexture
	var image := texture.get_image() if texture.atlas else null
	return image.get_data() if image else PackedByteArray()


## A spec is saved in another program: the open scene shows the new frames, unasked and undisturbed.
func takes_over_a_saved_spec(t: Object) -> void:
	dock()._search.grab_focus()
	var frames: SpriteFrames = EditorInterface.get_edited_scene_root().get_node("Hero").sprite_frames
	var before := pixels_of_hero()
	var path := bridge().link.files.absolute("art/hero.asset.toml") as String
	var text := FileAccess.get_file_as_string(path)
	write("art/hero.asset.toml", text.replace("a knight in blue", "a red dragon rider"))
	var changed := func() -> bool: return not pixels_of_hero().is_empty() and pixels_of_hero() != before
	t.check(await t.until(changed, SPEC_SEC), "new frames in the scene")
	t.check(await t.until(is_current), "the scene shows what is in the file")
	t.check(frames == EditorInterface.get_edited_scene_root().get_node("Hero").sprite_frames, "the same resource")
	t.check(dock()._search.has_focus(), "the focus stayed")
	t.check(not t.root.title.begins_with("(*)"), "the scene is not dirty: " + t.root.title)
	t.check(EditorInterface.get_open_scenes().size() == 1, "nothing else was opened")
	await t.settle()
	t.shot("04-new-frames")


func shown_by_the_game() -> String:
	return FileAccess.get_file_as_string(bridge().link.files.absolute("shown.txt"))


## A game that was started from the editor goes on with the new frames.
func reaches_a_running_game(t: Object) -> void:
	var scene := Node2D.new()
	scene.set_script(load("res://checks/game.gd"))
	var packed := PackedScene.new()
	packed.pack(scene)
	ResourceSaver.save(packed, "res://game.tscn")
	scene.free()
	EditorInterface.get_resource_filesystem().update_file("res://game.tscn")
	EditorInterface.play_custom_scene("res://game.tscn")
	t.check(await t.until(func() -> bool: return shown_by_the_game() == "false", SPEC_SEC), "the game shows a hero")
	var text := FileAccess.get_file_as_string(bridge().link.files.absolute("art/hero.asset.toml"))
	write("art/hero.asset.toml", text.replace("dragon", "wolf"))
	t.check(await t.until(func() -> bool: return shown_by_the_game() == "true", SPEC_SEC), "and then the new one")
	EditorInterface.stop_playing_scene()
	await t.settle()
	EditorInterface.set_main_screen_editor("2D")
	await t.settle()


func builds_all(t: Object) -> void:
	await t.click(dock()._build_all_button)
	var done := func() -> bool:
		return state("art/land") == "ready" and state("art/gem") == "needs_pick" \
				and state("art/guard") == "needs_approval"
	t.check(await t.until(done, SPEC_SEC), "all built: %s" % [bridge().catalog.assets.keys().map(state)])
	await t.settle()
	t.shot("05-all-built")


func approves_the_price(t: Object) -> void:
	await click_row(t, "art/guard")
	t.check(await t.until(func() -> bool: return not asset("art/guard").price.is_empty()), "priced")
	await t.settle()
	t.shot("06-needs-approval")
	await t.click(command(1))
	var dialog: ConfirmationDialog = dock()._approval
	t.check(await t.until(func() -> bool: return dialog.visible), "asked")
	await t.settle()
	t.check(dialog._price.text == asset("art/guard").price, "the price: " + dialog._price.text)
	t.shot("07-approve")
	await t.click(dialog.get_cancel_button())
	t.check(state("art/guard") == "needs_approval", "not bought")
	await t.click(command(1))
	await t.until(func() -> bool: return dialog.visible)
	await t.settle()
	await t.click(dialog.get_ok_button())
	t.check(await t.until(func() -> bool: return state("art/guard") == "ready", SPEC_SEC), "bought")


func rerolls(t: Object) -> void:
	await click_row(t, "art/gem")
	var before := FileAccess.get_md5("res://art/gem.png")
	await t.click(command(2))
	t.check(await t.until(func() -> bool: return FileAccess.get_md5("res://art/gem.png") != before, 40.0), "another take")
	await t.until(func() -> bool: return state("art/gem") == "ready")


func picks_a_variant(t: Object) -> void:
	await click_row(t, "art/gem")
	await t.click(command(3))
	var picker: ConfirmationDialog = dock()._picker
	t.check(await t.until(func() -> bool: return picker.visible), "picker")
	var cards: Array = picker.cards()
	t.check(cards.size() == 3, "three variants")
	var views: Array = cards.map(func(card: Button) -> Control: return card.get_child(0))
	var loaded := func() -> bool:
		return views.all(func(view: Control) -> bool: return view.current_frame() >= 0)
	t.check(await t.until(loaded), "pictures")
	var seen: Dictionary = {}
	var moved := func() -> bool:
		seen[views[2].current_frame()] = true
		return seen.size() > 1
	t.check(await t.until(moved), "they move")
	t.shot("08-pick")
	await t.click(cards[1])
	await t.click(picker.get_ok_button())
	var text := func() -> bool:
		return "pick = 2" in FileAccess.get_file_as_string(bridge().link.files.absolute("art/gem.asset.toml"))
	t.check(await t.until(text), "written into the spec")
	t.check(await t.until(func() -> bool: return state("art/gem") == "ready"), "built")


func makes_a_new_asset(t: Object) -> void:
	await t.click(dock()._new_button)
	var dialog: ConfirmationDialog = dock()._new_asset
	t.check(await t.until(func() -> bool: return dialog.visible), "form")
	t.check(dialog._kind.item_count > 8, "kinds of the schema")
	t.check(dialog.kind() == "character", "the usual kind")
	dialog._kind.select(0)
	dialog._kind.item_selected.emit(0)
	t.check(dialog._name.has_focus(), "the name comes first")
	await t.type("art/hero")
	await t.settle()
	await t.click(dialog.get_ok_button())
	t.check(await t.until(func() -> bool: return dialog._error.visible), "the name is taken")
	await t.settle()
	t.shot("09-new-asset")
	await t.type("2")
	await t.click(dialog.get_ok_button())
	t.check(await t.until(func() -> bool: return bridge().catalog.assets.has("art/hero2")), "written")
	t.check(await t.until(func() -> bool: return dock().list.selected == "art/hero2"), "selected")
	t.check(not dialog.visible, "form closed")


func cancels(t: Object) -> void:
	await click_row(t, "art/knight")
	await t.until(func() -> bool: return state("art/knight") == "needs_approval", 5.0)
	await t.click(command(1))
	await t.until(func() -> bool: return dock()._approval.visible)
	await t.settle()
	await t.click(dock()._approval.get_ok_button())
	t.check(await t.until(func() -> bool: return asset("art/knight").is_busy()), "busy")
	await t.settle()
	t.shot("10-buying")
	await t.click(command(4))
	t.check(await t.until(func() -> bool: return not asset("art/knight").is_busy(), SPEC_SEC), "cancelled")
	t.check(state("art/knight") != "ready", "not finished: " + state("art/knight"))


func opens_and_shows(t: Object) -> void:
	await click_row(t, "art/hero")
	await t.click(command(5))
	t.check(await t.until(func() -> bool: return opened().ends_with("art/hero.asset.toml")), "spec: " + opened())
	await t.click(command(6))
	t.check(EditorInterface.get_current_path() == "res://art/hero.tres", EditorInterface.get_current_path())
	t.shot("11-output")


func drags_into_the_scene(t: Object) -> void:
	var scene := EditorInterface.get_edited_scene_root()
	var view: Control = EditorInterface.get_editor_viewport_2d().get_parent()
	await click_row(t, "art/hero")
	var to: Vector2 = t.middle(view) + Vector2(90.0, 40.0)
	await t.drag(row("art/hero"), to)
	var sprite := scene.get_node_or_null("Hero2") as AnimatedSprite2D
	t.check(sprite != null, "a sprite: %s" % [scene.get_children()])
	if sprite != null:
		var shown := view.get_screen_transform() * (EditorInterface.get_editor_viewport_2d().global_canvas_transform
				* sprite.position)
		t.check(shown.distance_to(to) < 3.0, "where it was dropped: %s, %s" % [shown, to])
		t.check(sprite.sprite_frames == load("res://art/hero.tres"), "with its frames")
	await click_row(t, "art/land")
	await t.drag(row("art/land"), to)
	var layer := scene.get_node_or_null("Land") as TileMapLayer
	t.check(layer != null and layer.tile_set == load("res://art/land.tres"), "a tile layer")
	await t.settle()
	t.shot("12-dropped")
	var undo := EditorInterface.get_editor_undo_redo()
	undo.get_history_undo_redo(undo.get_object_history_id(scene)).undo()
	t.check(scene.get_node_or_null("Land") == null, "undone")
	EditorInterface.save_scene()


func inspector_buttons(t: Object) -> void:
	await inspect(t, "res://art/hero.tres")
	var inspector := EditorInterface.get_inspector()
	var found: Dictionary = {}
	for button: Button in inspector.find_children("*", "Button", true, false):
		if button.tooltip_text == "art/hero":
			found[button.text] = button
	t.check(found.keys() == ["Open spec", "Regenerate", "Show in AssetBridge"], "buttons %s" % [found.keys()])
	t.shot("13-inspector")
	write("opened.txt", "")
	await t.click(found["Open spec"])
	t.check(await t.until(func() -> bool: return opened().ends_with("art/hero.asset.toml")), "spec opened")
	await inspect(t, "res://art/hero.tres")
	var spec: String = bridge().link.files.absolute("art/hero.asset.toml")
	var before := FileAccess.get_md5(spec)
	for button: Button in inspector.find_children("*", "Button", true, false):
		if button.text == "Regenerate":
			await t.click(button)
			break
	t.check(await t.until(func() -> bool: return FileAccess.get_md5(spec) != before), "another take of the hero")
	t.check(await t.until(func() -> bool: return state("art/hero") == "ready"), "built again")


func shows_a_mistake(t: Object) -> void:
	await show_dock(t)
	var good := FileAccess.get_file_as_string(bridge().link.files.absolute("art/land.asset.toml"))
	write("art/land.asset.toml", good.replace("tile_size = 16", 'tile_size = "large"'))
	t.check(await t.until(func() -> bool: return state("art/land") == "invalid", SPEC_SEC), "told")
	await click_row(t, "art/land")
	var why := func() -> bool: return "tile_size" in dock()._error.text
	t.check(await t.until(why), "why: %s, %s" % [dock()._error.text, asset("art/land").error])
	t.shot("14-mistake")
	write("art/land.asset.toml", good)
	t.check(await t.until(func() -> bool: return state("art/land") == "ready", SPEC_SEC), "mended")


func recovers_from_a_killed_daemon(t: Object) -> void:
	var killed := pid()
	OS.kill(killed)
	t.check(await t.until(func() -> bool: return bridge().link.status == 1), "noticed")
	await t.settle()
	t.shot("15-killed")
	await t.click(dock()._connection._button)
	t.check(await t.until(connected, 20.0), "connected again")
	t.check(pid() != killed and pid() > 0, "another process")
	await t.settle()
	t.check(dock()._error.text.is_empty(), "no error left: " + dock()._error.text)


func stops_the_daemon(t: Object) -> void:
	var stopped := pid()
	await t.click(dock()._connection._button)
	t.check(await t.until(func() -> bool: return bridge().link.status == 1), "stopped")
	var gone := func() -> bool: return bridge().link.files.runtime().is_empty()
	t.check(await t.until(gone), "ended, was %d" % stopped)
	t.check(dock()._build_all_button.disabled, "nothing to press")



## Nothing of the dock is cut off: every visible control lies inside it.
func fits(t: Object) -> void:
	var area: Rect2 = dock().get_global_rect().grow(1.0)
	for control: Control in dock().find_children("*", "Control", true, false):
		var is_part: bool = control.is_visible_in_tree() and not dock().list.is_ancestor_of(control) \
				and control.get_window() == dock().get_window()
		t.check(not is_part or area.encloses(control.get_global_rect()), "%s is cut off" % control)


## Whether every row shows its price and its picture.
func complete() -> bool:
	return dock().list._rows.all(func(shown: Control) -> bool:
		return not shown.visible or (not shown.asset.price.is_empty() and shown._thumbnail.texture is ImageTexture))


func looks(t: Object) -> void:
	await show_dock(t)
	t.check(await t.until(connected), "connected")
	dock().list.select("hero")
	t.check(await t.until(complete), "prices and pictures")
	await t.settle()
	fits(t)
	t.shot("look-" + OS.get_environment("ASSETBRIDGE_LOOK"))


func looks_narrow(t: Object) -> void:
	await show_dock(t)
	t.check(await t.until(connected), "connected")
	dock().list.select("hero")
	for split: SplitContainer in EditorInterface.get_base_control().find_children("DockHSplitMain", "", true, false):
		split.set(&"split_offset", 0)
		var offsets: PackedInt32Array = split.get(&"split_offsets")
		for index in offsets.size():
			offsets[index] = 4000
		split.set(&"split_offsets", offsets)
	t.check(await t.until(complete), "prices and pictures")
	await t.settle()
	fits(t)
	t.shot("look-narrow")


func speaks_german(t: Object) -> void:
	await looks(t)
	t.check(command(0).text == "Bauen", command(0).text)
	t.check(dock()._connection._text.text == "Verbunden", dock()._connection._text.text)
	t.check(dock().list._rows[0].describe(asset("hero")).begins_with("neu"), "states")
	await t.click(dock()._new_button)
	t.check(await t.until(func() -> bool: return dock()._new_asset.visible), "form")
	t.check(dock()._new_asset.title == "Neues Asset", dock()._new_asset.title)
	t.shot("look-german-form")


func tells_the_wrong_version(t: Object) -> void:
	await show_dock(t)
	t.check(await t.until(func() -> bool: return bridge().link.status == 4), "refused")
	await t.settle()
	var text: String = dock()._connection._text.text
	t.check("1.0.0" in text and "install-addon" in text, text)
	fits(t)
	t.shot("look-wrong-version")


func tells_another_version(t: Object) -> void:
	await show_dock(t)
	t.check(await t.until(connected), "connected all the same")
	await t.settle()
	var text: String = dock()._connection._text.text
	t.check("0.9.9" in text and "install-addon" in text, text)
	t.shot("look-other-version")


## Microseconds from the start of a frame's work to the moment before it is drawn.
func worst_frame(t: Object, work: Callable) -> int:
	var frame := {"start": 0, "worst": 0}
	var begin := func() -> void: frame.start = Time.get_ticks_usec()
	var end := func() -> void:
		frame.worst = maxi(frame.worst, Time.get_ticks_usec() - frame.start)
	await t.process_frame
	await t.process_frame
	t.process_frame.connect(begin)
	RenderingServer.frame_pre_draw.connect(end)
	await t.process_frame
	frame.worst = 0
	await work.call()
	await t.process_frame
	await t.process_frame
	t.process_frame.disconnect(begin)
	RenderingServer.frame_pre_draw.disconnect(end)
	return frame.worst


## What one plain loop over as many things costs: the measure of this machine at this moment.
func plain_loop() -> int:
	var start := Time.get_ticks_usec()
	var things: Dictionary = {}
	for number in 20_000:
		things[str(number)] = {"id": str(number), "state": "ready"}
	return Time.get_ticks_usec() - start


## The best of several attempts, for whatever else the machine does only adds.
func best(attempts: Array) -> int:
	return attempts.min()


func measures_a_thousand(t: Object) -> void:
	await show_dock(t)
	t.check(await t.until(connected), "connected")
	t.check(await t.until(func() -> bool: return dock().list.shown_count() == 1000), "all listed")
	await t.create_timer(2.0).timeout
	var idle: Array[int] = []
	var listing: Array[int] = []
	var planning: Array[int] = []
	var scrolling: Array[int] = []
	var searching: Array[int] = []
	var loops: Array[int] = []
	for attempt in 3:
		loops.append(plain_loop())
		idle.append(await worst_frame(t, func() -> void: await t.create_timer(0.2).timeout))
		listing.append(await worst_frame(t, func() -> void: await bridge().catalog.read_assets()))
		planning.append(await worst_frame(t, func() -> void: await bridge().catalog.read_plan()))
		scrolling.append(await worst_frame(t, func() -> void:
			for step in 20:
				dock().list._bar.value += 400.0
				await t.process_frame))
		searching.append(await worst_frame(t, func() -> void:
			dock()._search.text = "asset09"
			dock()._search.text_changed.emit("asset09")
			await t.process_frame
			# This emits the signal by itself.
			dock()._search.clear()))
	var floor := best(loops)
	var worst := {"listing": best(listing), "planning": best(planning), "scrolling": best(scrolling),
			"searching": best(searching)}
	print("MEASURED worst frame in microseconds: ", worst, ", idle ", best(idle), ", plain loop ", floor)
	for what: String in worst:
		t.check(worst[what] - best(idle) < 2 * floor, "%s takes %d, the loop %d" % [what, worst[what], floor])
	t.shot("look-thousand")
