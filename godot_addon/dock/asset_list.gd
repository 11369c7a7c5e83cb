@tool
extends HBoxContainer
## The list of assets: as many rows as fit into the dock, however many assets there are.

const Asset := preload("../model/asset.gd")
const AssetRow := preload("asset_row.gd")
const Bridge := preload("../model/bridge.gd")
const Thumbnails := preload("../previews/thumbnails.gd")

signal selection_changed(asset: Asset)
signal menu_requested(asset: Asset)

## The least, in pixels at scale 1.
const ROW_HEIGHT := 48.0

var selected := ""
var _bridge: Bridge
var _thumbnails: Thumbnails
var _shown: Array[Asset] = []
var _rows: Array[AssetRow] = []
var _area := Control.new()
var _bar := VScrollBar.new()
var _queued := false


func _init(bridge: Bridge) -> void:
	_bridge = bridge
	_thumbnails = Thumbnails.new(bridge.link.client)
	_thumbnails.loaded.connect(func(_id: String, _texture: Texture2D) -> void: queue_display())
	add_child(_thumbnails)
	_area.clip_contents = true
	_area.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_area.focus_mode = Control.FOCUS_ALL
	_area.resized.connect(queue_display)
	_area.gui_input.connect(_on_area_input)
	_bar.value_changed.connect(func(_value: float) -> void: queue_display())
	_bar.step = 1.0
	add_child(_area)
	add_child(_bar)
	size_flags_vertical = Control.SIZE_EXPAND_FILL
	custom_minimum_size.y = 3.0 * ROW_HEIGHT * EditorInterface.get_editor_scale()


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_inside_tree():
		queue_display()


## Shows the assets that match a text and a state ("" for all).
func apply_filter(text: String, state: String) -> void:
	_shown.clear()
	var words := text.to_lower().split(" ", false)
	for asset: Asset in _bridge.catalog.assets.values():
		if asset.matches(words) and (state.is_empty() or asset.state == state):
			_shown.append(asset)
	queue_display()


func shown_count() -> int:
	return _shown.size()


func row_count() -> int:
	return _rows.size()


func selected_asset() -> Asset:
	return _bridge.catalog.assets.get(selected)


## Selects an asset and scrolls to it.
func select(id: String) -> void:
	selected = id
	for index in _shown.size():
		if _shown[index].id == id:
			_reveal(index)
	selection_changed.emit(selected_asset())
	queue_display()


## Asks for failed thumbnails again.
func retry_thumbnails() -> void:
	_thumbnails.retry()
	queue_display()


## Draws at the end of the frame, once for any number of changes.
func queue_display() -> void:
	if not _queued:
		_queued = true
		_display.call_deferred()


func _display() -> void:
	_queued = false
	_make_rows(mini(1, _shown.size()))
	var height := _row_height()
	var total := _shown.size() * height
	_bar.max_value = total
	_bar.page = _area.size.y
	_bar.visible = total > _area.size.y
	var first := floori(_bar.value / height)
	var fitting := mini(ceili(_area.size.y / height) + 1, _shown.size() - first)
	_make_rows(fitting)
	for index in _rows.size():
		var row := _rows[index]
		row.visible = index < fitting
		if row.visible:
			var asset := _shown[first + index]
			row.position = Vector2(0.0, (first + index) * height - _bar.value)
			row.size = Vector2(_area.size.x, height)
			row.display(asset, _thumbnails.get_or_fetch(asset), asset.id == selected)


## Themes with larger fonts need more than the least height.
func _row_height() -> float:
	var least := ROW_HEIGHT * EditorInterface.get_editor_scale()
	return maxf(least, _rows[0].get_combined_minimum_size().y) if not _rows.is_empty() else least


func _make_rows(count: int) -> void:
	while _rows.size() < count:
		var row := AssetRow.new(_bridge.link.files)
		row.chosen.connect(_on_row_chosen)
		row.menu_requested.connect(_on_row_menu)
		row.mouse_filter = Control.MOUSE_FILTER_PASS
		_rows.append(row)
		_area.add_child(row)


func _on_row_chosen(id: String) -> void:
	_area.grab_focus()
	select(id)


func _on_row_menu(id: String) -> void:
	select(id)
	menu_requested.emit(selected_asset())


func _on_area_input(event: InputEvent) -> void:
	var step := _row_height()
	var click := event as InputEventMouseButton
	if click != null and click.pressed:
		if click.button_index == MOUSE_BUTTON_WHEEL_DOWN:
			_bar.value += step
		elif click.button_index == MOUSE_BUTTON_WHEEL_UP:
			_bar.value -= step
	elif event.is_action_pressed(&"ui_down", true):
		_select_beside(1)
		_area.accept_event()
	elif event.is_action_pressed(&"ui_up", true):
		_select_beside(-1)
		_area.accept_event()


func _select_beside(step: int) -> void:
	if _shown.is_empty():
		return
	var index := _shown.find(selected_asset())
	select(_shown[clampi(index + step, 0, _shown.size() - 1)].id)


func _reveal(index: int) -> void:
	var height := _row_height()
	_bar.max_value = _shown.size() * height
	_bar.page = _area.size.y
	_bar.value = clampf(_bar.value, (index + 1) * height - _area.size.y, index * height)
