@tool
extends ConfirmationDialog
## Shows the variants of an asset side by side; one of them is chosen.

const Asset := preload("asset.gd")
const Bridge := preload("bridge.gd")
const Thumbnails := preload("thumbnails.gd")

const PICTURE_SIZE := 96

var _bridge: Bridge
var _asset: Asset
var _choices := ItemList.new()


func _init(bridge: Bridge) -> void:
	_bridge = bridge
	title = tr("Pick a variant")
	ok_button_text = tr("Pick")
	var scale := EditorInterface.get_editor_scale()
	_choices.icon_mode = ItemList.ICON_MODE_TOP
	_choices.max_columns = 0
	_choices.same_column_width = true
	_choices.fixed_icon_size = Vector2i.ONE * roundi(PICTURE_SIZE * scale)
	_choices.texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	_choices.custom_minimum_size = Vector2(420.0, 260.0) * scale
	_choices.item_selected.connect(func(_i: int) -> void: get_ok_button().disabled = false)
	_choices.item_activated.connect(func(_i: int) -> void: _pick())
	add_child(_choices)
	confirmed.connect(_pick)


## Reads the variants of an asset and shows them.
func open(asset: Asset) -> void:
	_asset = asset
	var answer := await _bridge.client.fetch("/v1/assets/%s/variants" % asset.key)
	if not answer.is_ok():
		_bridge.failed.emit(answer.describe())
		return
	var variants: Array = answer.json.get("variants", [])
	if variants.is_empty():
		_bridge.failed.emit(tr("%s has no variants to pick from.") % asset.id)
		return
	_choices.clear()
	for facts: Dictionary in variants:
		_add(facts)
	get_ok_button().disabled = not _choices.is_anything_selected()
	popup_centered()


func choice_count() -> int:
	return _choices.item_count


func _add(facts: Dictionary) -> void:
	var number := int(facts.get("number", _choices.item_count + 1))
	var index := _choices.add_item(str(number))
	_choices.set_item_metadata(index, number)
	if facts.get("picked") == true:
		_choices.select(index)
	var asset := _asset
	var picture := await Thumbnails.fetch_strip(_bridge.client, asset, number)
	if picture != null and asset == _asset and index < _choices.item_count:
		_choices.set_item_icon(index, picture)


func _pick() -> void:
	hide()
	for index in _choices.get_selected_items():
		_bridge.pick(_asset, int(_choices.get_item_metadata(index)))
