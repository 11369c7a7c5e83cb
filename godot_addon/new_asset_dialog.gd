@tool
extends ConfirmationDialog
## Asks for what a new spec needs: kind, name, description, provider.

const Bridge := preload("bridge.gd")

signal created(id: String)

const KINDS: Array[String] = [
	"sprite", "items", "character", "animation", "turnaround", "edit", "tileset",
	"isometric_tiles", "map", "music",
]

var _bridge: Bridge
var _kind := OptionButton.new()
var _name := LineEdit.new()
var _description := LineEdit.new()
var _provider := OptionButton.new()
var _error := Label.new()


func _init(bridge: Bridge) -> void:
	_bridge = bridge
	title = tr("New asset")
	ok_button_text = tr("Create")
	dialog_hide_on_ok = false
	for kind in KINDS:
		_kind.add_item(kind.replace("_", " "))
	_kind.select(KINDS.find("character"))
	_name.placeholder_text = "art/hero"
	_name.text_changed.connect(func(_text: String) -> void: _check())
	_description.placeholder_text = tr("What it looks like")
	_error.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_error.hide()
	var grid := GridContainer.new()
	grid.columns = 2
	_add_field(grid, tr("Kind"), _kind)
	_add_field(grid, tr("Name"), _name)
	_add_field(grid, tr("Description"), _description)
	_add_field(grid, tr("Provider"), _provider)
	var column := VBoxContainer.new()
	column.custom_minimum_size.x = 380.0 * EditorInterface.get_editor_scale()
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
	_check()
	popup_centered()
	_name.grab_focus()
	await _list_providers()


func _list_providers() -> void:
	_provider.clear()
	_provider.add_item(tr("as in assetbridge.toml"))
	var answer := await _bridge.client.fetch("/v1/providers")
	for facts: Dictionary in answer.json.get("providers", []):
		_provider.add_item(str(facts.get("name", "")))
		_provider.set_item_metadata(_provider.item_count - 1, str(facts.get("name", "")))


func _create() -> void:
	var provider: Variant = _provider.get_selected_metadata()
	var answer := await _bridge.create_spec(
			KINDS[_kind.selected], _name.text.strip_edges(), _description.text.strip_edges(),
			provider if provider is String else "")
	if not answer.is_ok():
		_error.text = answer.describe()
		_error.show()
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
