@tool
extends RefCounted
## What the addon does in a live editor; `t` is the runner.


## The search through the whole editor takes 10 ms, so what was found is kept.
var _bridge: Node
var _dock: Node


func bridge() -> Node:
	if is_instance_valid(_bridge):
		return _bridge
	var found := EditorInterface.get_base_control().get_tree().root.find_children(
			"AssetBridgeConnection", "Node", true, false)
	_bridge = found[0] if found.size() == 1 else null
	return _bridge


func dock() -> Node:
	if not is_instance_valid(_dock):
		_dock = EditorInterface.get_base_control().find_children("AssetBridge", "VBoxContainer", true, false)[0]
	return _dock


func connected() -> bool:
	return bridge().link.status == 3 and not bridge().catalog.assets.is_empty()


func lists_assets(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	t.check(bridge().catalog.assets.keys() == ["hero", "slime"], "ids %s" % [bridge().catalog.assets.keys()])
	t.check(await t.until(func() -> bool: return bridge().catalog.assets["hero"].price == "5 credits at shop"),
			"price %s" % bridge().catalog.assets["hero"].price)
	t.check(dock().list.shown_count() == 2, "both shown")
	var words: Script = load(bridge().get_script().resource_path.get_base_dir().path_join("visible_text.gd"))
	t.check(words.of("Ü\u202eb\u001b[2J\nc") == "Ü\\u202eb\\u001b[2J\nc", "all is seen")
	dock().list.apply_filter("sli", "")
	t.check(dock().list.shown_count() == 1, "search")
	dock().list.apply_filter("", "ready")
	t.check(dock().list.shown_count() == 0, "filter")


## The knight is made of the hero and of a slime that the hero is made of, too.
func adds_prices_up(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	var price := func(id: String) -> String: return bridge().catalog.assets[id].price
	t.check(await t.until(func() -> bool: return not price.call("slime").is_empty()), "priced")
	var prices: Array = ["knight", "hero", "slime"].map(price)
	t.check(prices == ["15 credits at shop", "10 credits at shop", "5 credits at shop"], "%s" % [prices])


func builds_and_refreshes(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	var refreshed: Array[PackedStringArray] = []
	bridge().refresher.refreshed.connect(func(p: PackedStringArray) -> void: refreshed.append(p))
	dock().show_asset("hero")
	dock().run_command(0)
	t.check(await t.until(func() -> bool: return not refreshed.is_empty()), "refreshed")
	t.check(refreshed == [PackedStringArray(["res://art/hero.png"])], "paths %s" % [refreshed])
	t.check(load("res://art/hero.png") is Texture2D, "imported")
	t.check(bridge().catalog.assets["hero"].state == "ready", "ready")
	t.check(bridge().catalog.assets["hero"].main_output() == "game/art/hero.tres", "the resource is the one to use")
	var before := FileAccess.get_md5("res://art/slime.png")
	dock()._on_build_all()
	t.check(await t.until(func() -> bool: return refreshed.size() > 1), "all refreshed")
	t.check(before != FileAccess.get_md5("res://art/slime.png"), "slime built")


func approves(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	var errors := PackedStringArray()
	bridge().failed.connect(func(text: String) -> void: errors.append(text))
	await bridge().approve(bridge().catalog.assets["hero"], "an old plan")
	t.check(errors == PackedStringArray(["The plan changed.\nLook again."]), "refused %s" % [errors])
	await bridge().catalog.read_plan()
	await bridge().approve(bridge().catalog.assets["hero"], bridge().catalog.plan_digest)
	var ready := func() -> bool: return bridge().catalog.assets["hero"].state == "ready"
	t.check(await t.until(ready), "approved")


func edits(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	await bridge().reroll(bridge().catalog.assets["hero"])
	await bridge().pick(bridge().catalog.assets["hero"], 2)
	await bridge().cancel(bridge().catalog.assets["hero"])
	var made: RefCounted = await bridge().create_spec("sprite", "art/new", "a gem", "")
	t.check(made.is_ok(), "created")
	var again: RefCounted = await bridge().create_spec("sprite", "art/new", "", "")
	t.check(again.code == "file_exists", "exists: " + again.code)
	await bridge().catalog.read_assets()
	t.check(bridge().catalog.assets.has("art/new"), "listed")


func shows_thumbnails(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	var strips := load("res://addons/assetbridge/previews/strip.gd") as GDScript
	var strip: RefCounted = await strips.fetch(bridge().link.client, bridge().catalog.assets["hero"], 0)
	var texture: Texture2D = strip.first_frame()
	t.check(texture.get_size() == Vector2(8, 8), "one frame: %s" % texture.get_size())
	t.check(texture.get_image().get_pixel(7, 7) == Color.RED, "the first one")


func stays_stopped(t: Object) -> void:
	await t.create_timer(1.5).timeout
	t.check(bridge().link.status == 1, "stopped, is %d" % bridge().link.status)
	t.check(bridge().catalog.assets.is_empty(), "nothing listed")


func refuses_version(t: Object) -> void:
	t.check(await t.until(func() -> bool: return bridge().link.status == 4), "wrong version")


## The test starts another daemon once this one has been left.
func reconnects(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	await bridge().ask("/v1/shutdown")
	t.check(await t.until(func() -> bool: return bridge().link.status != 3), "noticed")
	t.check(await t.until(func() -> bool: return bridge().catalog.assets.has("second")), "connected again")


func keeps_few_rows(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	t.check(await t.until(func() -> bool: return dock().list.shown_count() == 1000), "all listed")
	dock().list._area.size = Vector2(300, 400)
	dock().show_asset("art/asset0999")
	await t.create_timer(0.3).timeout
	t.check(dock().list.selected_asset().id == "art/asset0999", "selected")
	t.check(dock().list.row_count() < 40, "rows: %d" % dock().list.row_count())


func finds_resources(t: Object) -> void:
	t.check(await t.until(connected), "connected")
	var frames := SpriteFrames.new()
	frames.take_over_path("res://art/hero.tres")
	var plugin := load("res://addons/assetbridge/editor/inspector_button.gd") as GDScript
	var inspector: EditorInspectorPlugin = plugin.new(bridge())
	t.check(inspector._can_handle(frames), "ours")
	frames.take_over_path("res://art/superhero.tres")
	t.check(not inspector._can_handle(frames), "not ours")
	t.check(not inspector._can_handle(TileSet.new()), "without a file")


func leaves_nothing_behind(t: Object) -> void:
	EditorInterface.set_plugin_enabled("assetbridge", false)
	await t.create_timer(0.2).timeout
	var left := EditorInterface.get_base_control().find_children("AssetBridge", "VBoxContainer", true, false)
	t.check(left.is_empty() and bridge() == null, "left behind")
	EditorInterface.set_plugin_enabled("assetbridge", true)
	t.check(await t.until(func() -> bool: return bridge() != null), "on again")


func press_start() -> PackedStringArray:
	var failures := PackedStringArray()
	bridge().failed.connect(func(text: String) -> void: failures.append(text))
	dock()._connection._button.pressed.emit()
	return failures


## The test knows which program it is that leaves this mark.
func starts_the_users_own_program(t: Object) -> void:
	await stays_stopped(t)
	press_start()
	var mark := OS.get_environment("ASSETBRIDGE_MARK")
	t.check(await t.until(func() -> bool: return FileAccess.file_exists(mark)), "started")
	await t.create_timer(1.0).timeout


func finds_no_program(t: Object) -> void:
	await stays_stopped(t)
	var failures := press_start()
	t.check(failures.size() == 1 and "install-addon" in failures[0], "told: %s" % [failures])
	await t.create_timer(1.0).timeout


func takes_only_what_is_written_for_godot(t: Object) -> void:
	var files: RefCounted = bridge().link.files
	for path: String in ["game/evil.gd", "game/evil.gdshader", "game/x.tres::1", "game/evil.gdextension", "game/x",
			"../x.png", "game/../../x.tres", "x.png"]:
		t.check(files.to_resource_path(path).is_empty(), path)
	t.check(files.to_resource_path("game/art/x.tres") == "res://art/x.tres", "an output")


## The folder is a copy of one whose daemon runs.
func does_not_reach_the_original(t: Object) -> void:
	await stays_stopped(t)
	t.check(not FileAccess.get_file_as_string(bridge().link.files.absolute(".assetbridge/daemon.json")).is_empty(),
			"copied")
	var made: RefCounted = await bridge().create_spec("sprite", "art/new", "a gem", "")
	t.check(not made.is_ok(), "nobody was asked")
	press_start()
	t.check(await t.until(func() -> bool: return bridge().link.status == 3, 30.0), "a daemon of its own")
	made = await bridge().create_spec("sprite", "art/new", "a gem", "")
	t.check(made.is_ok(), "its own daemon did it: " + made.describe())
