@tool
extends ConfirmationDialog
## Asks before money is spent: shows the price of the plan as it is now, and approves that plan.

const Asset := preload("../model/asset.gd")
const Bridge := preload("../model/bridge.gd")

var _bridge: Bridge
var _asset: Asset
var _digest := ""
var _question := Label.new()
var _price := Label.new()
var _balance := Label.new()


func _init(bridge: Bridge) -> void:
	_bridge = bridge


func _ready() -> void:
	title = tr("Approve a purchase")
	ok_button_text = tr("Buy")
	var column := VBoxContainer.new()
	column.custom_minimum_size.x = 340.0 * EditorInterface.get_editor_scale()
	for label: Label in [_question, _price, _balance]:
		label.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
		column.add_child(label)
	_price.theme_type_variation = &"HeaderSmall"
	add_child(column)
	confirmed.connect(_on_confirmed)


## Reads the plan anew and asks.
func ask(asset: Asset) -> void:
	_asset = asset
	_digest = ""
	if not await _bridge.catalog.read_plan():
		_bridge.failed.emit(tr("The plan could not be read, so there is no price to approve."))
		return
	_digest = _bridge.catalog.plan_digest
	_question.text = tr("Build %s for this price?") % asset.title
	_price.text = asset.price if not asset.price.is_empty() else tr("nothing")
	_balance.text = tr("Left: %s") % _bridge.balance if not _bridge.balance.is_empty() else ""
	_balance.visible = not _balance.text.is_empty()
	reset_size()
	popup_centered()


func _on_confirmed() -> void:
	_bridge.approve(_asset, _digest)
