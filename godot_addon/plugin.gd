@tool
extends EditorPlugin
## Adds the AssetBridge dock and the button in the inspector; owns what they share.

const Bridge := preload("bridge.gd")
const Dock := preload("dock.gd")
const InspectorButton := preload("inspector_button.gd")
const Launcher := preload("launcher.gd")

var _bridge: Bridge
var _panel: Dock
## The EditorDock around the panel; null before Godot 4.6.
var _dock: Control
var _inspector: InspectorButton


func _enter_tree() -> void:
	Launcher.register_setting()
	_bridge = Bridge.new()
	_bridge.name = "AssetBridgeConnection"
	add_child(_bridge)
	_panel = Dock.new(_bridge)
	_panel.name = "AssetBridge"
	_add_panel()
	_inspector = InspectorButton.new(_bridge)
	_inspector.asset_requested.connect(_show_asset)
	add_inspector_plugin(_inspector)
	_bridge.connect_to_daemon()


func _exit_tree() -> void:
	remove_inspector_plugin(_inspector)
	_inspector = null
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


func _show_asset(id: String) -> void:
	if _dock:
		_dock.call(&"make_visible")
	elif _panel.get_parent() is TabContainer:
		var tabs: TabContainer = _panel.get_parent()
		tabs.current_tab = tabs.get_tab_idx_from_control(_panel)
	_panel.show_asset(id)
