@tool
extends VBoxContainer
## Says how the daemon stands and what to do about it.

const Bridge := preload("../model/bridge.gd")
const DaemonLink := preload("../connection/daemon_link.gd")
const Launcher := preload("../connection/launcher.gd")

var _bridge: Bridge
var _text := Label.new()
var _button := Button.new()
var _icon := TextureRect.new()


func _init(bridge: Bridge) -> void:
	_bridge = bridge
	var line := HBoxContainer.new()
	_text.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_text.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	_text.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_button.size_flags_vertical = Control.SIZE_SHRINK_BEGIN
	_button.pressed.connect(_on_pressed)
	for child: Control in [_icon, _text, _button]:
		line.add_child(child)
	add_child(line)


func _ready() -> void:
	_bridge.link.status_changed.connect(_show_status)
	_show_status(_bridge.link.status)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_inside_tree():
		_show_status(_bridge.link.status)


func _show_status(status: DaemonLink.Status) -> void:
	_text.text = _message(status)
	_button.text = _action(status)
	_button.disabled = status == DaemonLink.Status.CONNECTING
	var good := status == DaemonLink.Status.CONNECTED and not _bridge.link.is_version_skewed()
	_icon.texture = get_theme_icon(&"StatusSuccess" if good else &"StatusWarning", &"EditorIcons")


func _message(status: DaemonLink.Status) -> String:
	match status:
		DaemonLink.Status.NO_PROJECT:
			return tr("No assetbridge.toml here or in a folder above. Run in a terminal: %s") \
					% "assetbridge init"
		DaemonLink.Status.STOPPED:
			return tr("No daemon is running. Start it here, or in a terminal: %s") \
					% Launcher.manual_line("start")
		DaemonLink.Status.CONNECTING:
			return tr("Connecting…")
		DaemonLink.Status.WRONG_VERSION:
			return tr("The daemon is version %s, this addon is %s. Run in a terminal: %s") % [
				_bridge.link.daemon_version, _bridge.link.addon_version(), "assetbridge install-addon godot",
			]
	if _bridge.link.is_version_skewed():
		return tr("Connected. The daemon is version %s, this addon is %s: run %s in a terminal.") % [
			_bridge.link.daemon_version, _bridge.link.addon_version(), "assetbridge install-addon godot",
		]
	return tr("Connected")


func _action(status: DaemonLink.Status) -> String:
	match status:
		DaemonLink.Status.NO_PROJECT, DaemonLink.Status.WRONG_VERSION:
			return tr("Try again")
		DaemonLink.Status.CONNECTED:
			return tr("Stop")
	return tr("Start")


func _on_pressed() -> void:
	match _bridge.link.status:
		DaemonLink.Status.STOPPED:
			_bridge.link.start_daemon()
		DaemonLink.Status.CONNECTED:
			_bridge.link.stop_daemon()
		_:
			_bridge.link.connect_to_daemon()
