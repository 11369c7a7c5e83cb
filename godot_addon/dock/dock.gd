@tool
extends VBoxContainer
## The dock: what to do about the daemon, the list of assets and the buttons for the selected one.

const ApprovalDialog := preload("../dialogs/approval_dialog.gd")
const Asset := preload("../model/asset.gd")
const AssetList := preload("asset_list.gd")
const Bridge := preload("../model/bridge.gd")
const ConnectionBar := preload("connection_bar.gd")
const DaemonLink := preload("../connection/daemon_link.gd")
const NewAssetDialog := preload("../dialogs/new_asset_dialog.gd")
const VariantPicker := preload("../dialogs/variant_picker.gd")

enum Command {
	BUILD,
	APPROVE,
	REROLL,
	PICK,
	CANCEL,
	OPEN_SPEC,
	SHOW_OUTPUT,
}

## States of the filter, the first one for all.
const FILTERS: Array[String] = [
	"", "building", "needs_approval", "needs_pick", "stale", "new", "failed", "ready",
]

var list: AssetList
var _bridge: Bridge
var _connection: ConnectionBar
var _search := LineEdit.new()
var _filter := OptionButton.new()
var _new_button := Button.new()
var _build_all_button := Button.new()
var _commands: Dictionary = {}
var _menu := PopupMenu.new()
var _balance := Label.new()
var _note := Label.new()
var _error := Label.new()
var _trust := Label.new()
var _approval: ApprovalDialog
var _picker: VariantPicker
var _new_asset: NewAssetDialog
var _filter_queued := false


func _init(bridge: Bridge) -> void:
	_bridge = bridge
	_connection = ConnectionBar.new(bridge)
	list = AssetList.new(bridge)
	_approval = ApprovalDialog.new(bridge)
	_picker = VariantPicker.new(bridge)
	_new_asset = NewAssetDialog.new(bridge)


func _ready() -> void:
	add_child(_connection)
	add_child(_make_search_line())
	add_child(list)
	add_child(_make_commands())
	for label: Label in [_trust, _note, _error, _balance]:
		label.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
		label.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
		label.hide()
		add_child(label)
	for window: Window in [_menu, _approval, _picker, _new_asset]:
		add_child(window)
	_connect_signals()
	_apply_theme()
	_on_status_changed(_bridge.link.status)


func _connect_signals() -> void:
	list.selection_changed.connect(func(_asset: Asset) -> void: _show_selected())
	list.menu_requested.connect(func(_asset: Asset) -> void: _popup_menu())
	_menu.id_pressed.connect(run_command)
	_new_asset.created.connect(_on_created)
	_bridge.link.status_changed.connect(_on_status_changed)
	_bridge.catalog.assets_changed.connect(_apply_filter)
	_bridge.catalog.asset_changed.connect(_on_asset_changed)
	_bridge.balance_changed.connect(_on_balance_changed)
	_bridge.trust_changed.connect(_on_trust_changed)
	_bridge.failed.connect(show_error)


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_node_ready():
		_apply_theme()


func _apply_theme() -> void:
	_trust.add_theme_color_override(&"font_color", get_theme_color(&"warning_color", &"Editor"))
	_note.add_theme_color_override(&"font_color", get_theme_color(&"warning_color", &"Editor"))
	_error.add_theme_color_override(&"font_color", get_theme_color(&"error_color", &"Editor"))
	_search.right_icon = get_theme_icon(&"Search", &"EditorIcons")
	_new_button.icon = get_theme_icon(&"Add", &"EditorIcons")
	_build_all_button.icon = get_theme_icon(&"Play", &"EditorIcons")


## Selects an asset, whatever the filter hid.
func show_asset(id: String) -> void:
	_search.clear()
	_filter.select(0)
	_apply_filter()
	list.select(id)


## Shows an error with the way out until something else is done.
func show_error(text: String) -> void:
	_error.text = text
	_error.visible = not text.is_empty()


## What is to be decided about an asset, or what is wrong with it.
func _show_reason(asset: Asset) -> void:
	_note.text = _decision(asset) if asset else ""
	_note.visible = not _note.text.is_empty()
	show_error(asset.error if asset and not _note.visible else "")


func _decision(asset: Asset) -> String:
	match asset.state:
		"needs_approval":
			return tr("This costs money. Press Approve to see the price and buy it.")
		"needs_pick":
			return tr("There are several variants. Press Pick to choose one.")
		"needs_trust":
			return _untrusted_text()
	return ""


## How to go on where only a person in a terminal can: the dock shows it and never asks.
func _untrusted_text() -> String:
	return tr("This project is not trusted: nothing is bought. In a terminal: assetbridge trust")


## Does what a button or an entry of the menu stands for.
func run_command(command: Command) -> void:
	var asset := list.selected_asset()
	if asset == null:
		return
	show_error("")
	match command:
		Command.BUILD:
			_bridge.build(asset)
		Command.APPROVE:
			_approval.ask(asset)
		Command.REROLL:
			_bridge.reroll(asset)
		Command.PICK:
			_picker.open(asset)
		Command.CANCEL:
			_bridge.cancel(asset)
		Command.OPEN_SPEC:
			_open_spec(asset)
		Command.SHOW_OUTPUT:
			EditorInterface.select_file(_bridge.link.files.to_resource_path(asset.main_output()))


func _open_spec(asset: Asset) -> void:
	var path := _bridge.link.files.absolute(asset.spec)
	if OS.shell_open(path) != OK:
		show_error(tr("This system has no program to open %s with.") % path)


## Whether a command has something to do for an asset.
func is_possible(command: Command, asset: Asset) -> bool:
	if asset == null:
		return false
	var connected := _bridge.link.status == DaemonLink.Status.CONNECTED
	match command:
		Command.OPEN_SPEC:
			return asset.state != "orphan"
		Command.SHOW_OUTPUT:
			return not _bridge.link.files.to_resource_path(asset.main_output()).is_empty() \
					and FileAccess.file_exists(_bridge.link.files.absolute(asset.main_output()))
		Command.BUILD, Command.REROLL, Command.PICK:
			return connected and not asset.is_busy() and asset.state != "orphan"
		Command.APPROVE:
			return connected and asset.state == "needs_approval"
		Command.CANCEL:
			return connected and asset.is_busy()
	return false


func _make_search_line() -> Control:
	var line := HBoxContainer.new()
	_search.placeholder_text = tr("Search assets")
	_search.clear_button_enabled = true
	_search.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_search.text_changed.connect(func(_text: String) -> void: _apply_filter())
	var titles := PackedStringArray([
		tr("All"), tr("Building"), tr("Needs approval"), tr("Choose a variant"),
		tr("Changed"), tr("New"), tr("Failed"), tr("Ready"),
	])
	for title in titles:
		_filter.add_item(title)
	_filter.fit_to_longest_item = false
	_filter.tooltip_text = tr("Show only assets in this state")
	_filter.item_selected.connect(func(_index: int) -> void: _apply_filter())
	_new_button.tooltip_text = tr("New asset…")
	_new_button.pressed.connect(_new_asset.open)
	_build_all_button.tooltip_text = tr("Build all")
	_build_all_button.pressed.connect(_on_build_all)
	for child: Control in [_search, _filter, _new_button, _build_all_button]:
		line.add_child(child)
	return line


func _make_commands() -> Control:
	var flow := HFlowContainer.new()
	var titles: Dictionary = {
		Command.BUILD: tr("Build"),
		Command.APPROVE: tr("Approve…"),
		Command.REROLL: tr("Reroll"),
		Command.PICK: tr("Pick…"),
		Command.CANCEL: tr("Cancel"),
		Command.OPEN_SPEC: tr("Open spec"),
		Command.SHOW_OUTPUT: tr("Show output"),
	}
	for command: Command in titles:
		var button := Button.new()
		button.text = titles[command]
		button.pressed.connect(run_command.bind(command))
		_commands[command] = button
		flow.add_child(button)
		_menu.add_item(titles[command] as String, command)
	return flow


func _popup_menu() -> void:
	var asset := list.selected_asset()
	for command: Command in _commands:
		_menu.set_item_disabled(_menu.get_item_index(command), not is_possible(command, asset))
	_menu.reset_size()
	_menu.position = Vector2i(DisplayServer.mouse_get_position())
	_menu.popup()


func _apply_filter() -> void:
	_filter_queued = false
	list.apply_filter(_search.text, FILTERS[maxi(_filter.selected, 0)])
	_show_selected()


func _show_selected() -> void:
	var asset := list.selected_asset()
	for command: Command in _commands:
		var button: Button = _commands[command]
		button.disabled = not is_possible(command, asset)
	var approve: Button = _commands[Command.APPROVE]
	var priced := asset != null and not asset.price.is_empty() and not approve.disabled
	approve.text = tr("Approve %s…") % asset.price if priced else tr("Approve…")
	_show_reason(asset)


func _on_status_changed(status: DaemonLink.Status) -> void:
	var connected := status == DaemonLink.Status.CONNECTED
	_new_button.disabled = not connected
	_build_all_button.disabled = not connected
	list.modulate.a = 1.0 if connected else 0.6
	if connected:
		list.retry_thumbnails()
	_show_selected()


func _on_asset_changed(asset: Asset) -> void:
	# A filter by state may have to drop or take in the asset.
	if _filter.selected > 0 or not _search.text.is_empty():
		_queue_filter()
	else:
		list.queue_display()
	if asset.id == list.selected:
		_show_selected()


## Filters at the end of the frame, once for any number of changes.
func _queue_filter() -> void:
	if not _filter_queued:
		_filter_queued = true
		_apply_filter.call_deferred()


func _on_balance_changed(text: String) -> void:
	_balance.text = text
	_balance.visible = not text.is_empty()


func _on_trust_changed(is_waiting: bool) -> void:
	_trust.text = _untrusted_text() if is_waiting else ""
	_trust.visible = is_waiting


func _on_build_all() -> void:
	show_error("")
	_bridge.build_all()


func _on_created(id: String) -> void:
	await _bridge.catalog.read_assets()
	show_asset(id)
