@tool
extends EditorPlugin
## Adds the AssetBridge dock and the button in the inspector; owns what they share.

const Bridge := preload("model/bridge.gd")
const Dock := preload("dock/dock.gd")
const DropTarget := preload("editor/drop_target.gd")
const InspectorButton := preload("editor/inspector_button.gd")
const Launcher := preload("connection/launcher.gd")
const RunningGame := preload("editor/running_game.gd")
const Texts := preload("editor/texts.gd")

var _bridge: Bridge
var _panel: Dock
## The EditorDock around the panel; null before Godot 4.6.
var _dock: Control
var _inspector: InspectorButton
var _drop_target: DropTarget
var _running_game: RunningGame


func _enter_tree() -> void:
	Texts.register()
	Launcher.register_setting()
	_bridge = Bridge.new()
	_bridge.name = "AssetBridgeConnection"
	_panel = Dock.new(_bridge)
	_panel.name = "AssetBridge"
	_inspector = InspectorButton.new(_bridge)
	for translated: Object in [_bridge, _panel, _inspector]:
		Texts.translate(translated)
	add_child(_bridge)
	_add_panel()
	_inspector.asset_requested.connect(_show_asset)
	add_inspector_plugin(_inspector)
	_running_game = RunningGame.new()
	add_debugger_plugin(_running_game)
	_bridge.refresher.refreshed.connect(_running_game.reload)
	_drop_target = DropTarget.new()
	_drop_target.attach()
	_bridge.link.connect_to_daemon()


func _exit_tree() -> void:
	remove_inspector_plugin(_inspector)
	remove_debugger_plugin(_running_game)
	_running_game = null
	_inspector = null
	_drop_target.queue_free()
	_drop_target = null
	if _dock:
		call(&"remove_dock", _dock)
		_dock.queue_free()
		_dock = null
	else:
		remove_control_from_docks(_panel)
		_panel.queue_free()
	_panel = null
	_bridge.queue_free()
	_bridge = null


func _add_panel() -> void:
	if not ClassDB.class_exists(&"EditorDock"):
		add_control_to_dock(DOCK_SLOT_RIGHT_UL, _panel)
		return
	# Reached through ClassDB: Godot 4.3 to 4.5 could not parse the class name.
	_dock = ClassDB.instantiate(&"EditorDock")
	_dock.set(&"title", "AssetBridge")
	_dock.set(&"layout_key", "assetbridge")
	_dock.set(&"icon_name", &"SpriteFrames")
	_dock.set(&"default_slot", DOCK_SLOT_RIGHT_UL)
	_dock.add_child(_panel)
	call(&"add_dock", _dock)


func _show_asset(id: String, command: int) -> void:
	if _dock:
		_dock.call(&"make_visible")
	elif _panel.get_parent() is TabContainer:
		var tabs: TabContainer = _panel.get_parent()
		tabs.current_tab = tabs.get_tab_idx_from_control(_panel)
	_panel.show_asset(id)
	if command >= 0:
		_panel.run_command(command)
