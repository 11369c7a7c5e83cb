@tool
extends ConfirmationDialog
## Shows the variants of an asset side by side, moving as they will in the game; one of them is chosen.

const Asset := preload("../model/asset.gd")
const Bridge := preload("../model/bridge.gd")
const Strip := preload("../previews/strip.gd")
const StripView := preload("../previews/strip_view.gd")

## Pixels at scale 1.
const PICTURE_SIZE := 112.0
const LABEL_HEIGHT := 26.0

var _bridge: Bridge
var _asset: Asset
var _question := Label.new()
var _cards := HFlowContainer.new()
var _group := ButtonGroup.new()


func _init(bridge: Bridge) -> void:
	_bridge = bridge


func _ready() -> void:
	title = tr("Pick a variant")
	ok_button_text = tr("Pick")
	var scale := EditorInterface.get_editor_scale()
	_question.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	var scroll := ScrollContainer.new()
	scroll.horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	scroll.custom_minimum_size = Vector2(PICTURE_SIZE * 3.0 + 60.0, PICTURE_SIZE + LABEL_HEIGHT + 20.0) * scale
	scroll.size_flags_vertical = Control.SIZE_EXPAND_FILL
	_cards.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	scroll.add_child(_cards)
	var column := VBoxContainer.new()
	column.add_child(_question)
	column.add_child(scroll)
	add_child(column)
	_group.pressed.connect(func(_button: BaseButton) -> void: get_ok_button().disabled = false)
	confirmed.connect(_pick)


## Reads the variants of an asset and shows them.
func open(asset: Asset) -> void:
	_asset = asset
	var answer := await _bridge.link.client.fetch("/v1/assets/%s/variants" % asset.key)
	if not answer.is_ok():
		_bridge.failed.emit(answer.describe())
		return
	var variants: Array = answer.json.get("variants", [])
	if variants.size() < 2:
		_bridge.failed.emit(tr("%s has one variant only: set variants in its spec to have a choice.") % asset.title)
		return
	_question.text = tr("Which one is %s?") % asset.title
	_clear()
	for facts: Dictionary in variants:
		_add_card(int(facts.get("number", 1)), facts.get("picked") == true)
	get_ok_button().disabled = _group.get_pressed_button() == null
	popup_centered()


## The cards, in order of the variants' numbers.
func cards() -> Array[Button]:
	var found: Array[Button] = []
	found.assign(_cards.get_children())
	return found


func _clear() -> void:
	for card in _cards.get_children():
		_cards.remove_child(card)
		card.queue_free()


func _add_card(number: int, picked: bool) -> void:
	var scale := EditorInterface.get_editor_scale()
	var card := Button.new()
	card.toggle_mode = true
	card.button_group = _group
	card.set_pressed_no_signal(picked)
	card.set_meta(&"number", number)
	card.custom_minimum_size = Vector2(PICTURE_SIZE, PICTURE_SIZE + LABEL_HEIGHT) * scale
	card.gui_input.connect(_on_card_input)
	var view := StripView.new()
	card.add_child(view)
	view.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT, Control.PRESET_MODE_MINSIZE, roundi(8.0 * scale))
	view.offset_bottom = -LABEL_HEIGHT * scale
	var label := Label.new()
	label.text = tr("%d, in use") % number if picked else str(number)
	label.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	label.mouse_filter = Control.MOUSE_FILTER_IGNORE
	card.add_child(label)
	label.set_anchors_and_offsets_preset(Control.PRESET_BOTTOM_WIDE)
	label.offset_top = -LABEL_HEIGHT * scale
	_cards.add_child(card)
	var strip: Strip = await Strip.fetch(_bridge.link.client, _asset, number)
	if not is_instance_valid(view):
		return
	if strip == null:
		card.tooltip_text = tr("There is no picture of this variant yet: build the asset first.")
	else:
		view.play(strip)


func _on_card_input(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	if click != null and click.double_click and click.button_index == MOUSE_BUTTON_LEFT:
		_pick()


func _pick() -> void:
	hide()
	var chosen := _group.get_pressed_button()
	if chosen != null:
		_bridge.pick(_asset, int(chosen.get_meta(&"number")))
