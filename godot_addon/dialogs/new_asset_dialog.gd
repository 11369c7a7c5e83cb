@tool
extends ConfirmationDialog
## Asks for what a new spec needs: kind, name, description, provider. The daemon says which there are.

const Bridge := preload("../model/bridge.gd")

signal created(id: String)

## Pixels at scale 1.
const WIDTH := 420.0
## What is chosen at first.
const USUAL_KIND := "character"

var _bridge: Bridge
var _kind := OptionButton.new()
var _name := LineEdit.new()
var _description := LineEdit.new()
var _provider := OptionButton.new()
var _error := Label.new()
var _providers: Array = []


func _init(bridge: Bridge) -> void:
	_bridge = bridge


func _ready() -> void:
	title = tr("New asset")
	ok_button_text = tr("Create")
	dialog_hide_on_ok = false
	for data: Control in [_kind, _provider, _error]:
		# Names from the daemon.
		data.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_kind.item_selected.connect(func(_index: int) -> void: _show_providers())
	_name.placeholder_text = "art/hero"
	_name.tooltip_text = tr("Where the spec is written, from the project's folder, without a suffix")
	_name.text_changed.connect(func(_text: String) -> void: _check())
	_description.placeholder_text = tr("What it looks like")
	_error.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	# A label that wraps is as high as its text at its width, which it has only after a layout.
	_error.custom_minimum_size.x = WIDTH * EditorInterface.get_editor_scale()
	_error.size.x = _error.custom_minimum_size.x
	_error.hide()
	var grid := GridContainer.new()
	grid.columns = 2
	_add_field(grid, tr("Kind"), _kind)
	_add_field(grid, tr("Name"), _name)
	_add_field(grid, tr("Description"), _description)
	_add_field(grid, tr("Provider"), _provider)
	var column := VBoxContainer.new()
	column.custom_minimum_size.x = WIDTH * EditorInterface.get_editor_scale()
	column.add_child(grid)
	column.add_child(_error)
	add_child(column)
	register_text_enter(_name)
	register_text_enter(_description)
	confirmed.connect(_create)


func open() -> void:
	_error.hide()
	_name.clear()
	_description.clear()
	await _read_choices()
	_check()
	reset_size()
	popup_centered()
	_name.grab_focus()


func _notification(what: int) -> void:
	if what == NOTIFICATION_THEME_CHANGED and is_inside_tree():
		_error.add_theme_color_override(&"font_color", get_theme_color(&"error_color", &"Editor"))


func _read_choices() -> void:
	var schema := await _bridge.link.client.fetch("/v1/schema")
	var providers := await _bridge.link.client.fetch("/v1/providers")
	_providers = providers.json.get("providers", [])
	var kinds: Array = schema.json.get("properties", {}).get("kind", {}).get("enum", [])
	var chosen := kind() if _kind.item_count > 0 else USUAL_KIND
	_kind.clear()
	for name: String in kinds:
		_kind.add_item(name.replace("_", " "))
		_kind.set_item_metadata(_kind.item_count - 1, name)
	if not kinds.is_empty():
		_kind.select(maxi(0, kinds.find(chosen)))
	_show_providers()


## The chosen kind, as specs name it.
func kind() -> String:
	return str(_kind.get_selected_metadata())


func _show_providers() -> void:
	_provider.clear()
	_provider.add_item(tr("as in assetbridge.toml"))
	for facts: Dictionary in _providers:
		if kind() not in facts.get("kinds", [kind()]):
			continue
		var name := str(facts.get("name", ""))
		var key: Variant = facts.get("key")
		var locked: bool = key is Dictionary and not key.get("present", false)
		_provider.add_item(tr("%s (no API key)") % name if locked else name)
		_provider.set_item_metadata(_provider.item_count - 1, name)


func _create() -> void:
	var provider: Variant = _provider.get_selected_metadata()
	var answer := await _bridge.create_spec(
			kind(), _name.text.strip_edges(), _description.text.strip_edges(),
			provider if provider is String else "")
	if not answer.is_ok():
		_error.text = answer.describe()
		_error.show()
		_name.grab_focus()
		_name.caret_column = _name.text.length()
		return
	hide()
	created.emit(str(answer.json.get("id", _name.text.strip_edges())))


func _check() -> void:
	get_ok_button().disabled = _name.text.strip_edges().is_empty()


func _add_field(grid: GridContainer, text: String, field: Control) -> void:
	var label := Label.new()
	label.text = text
	field.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	grid.add_child(label)
	grid.add_child(field)
