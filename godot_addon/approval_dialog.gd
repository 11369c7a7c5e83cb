@tool
extends ConfirmationDialog
## Asks before money is spent: shows the price of the plan as it is now, and approves that plan.

const Asset := preload("asset.gd")
const Bridge := preload("bridge.gd")

var _bridge: Bridge
var _asset: Asset
var _digest := ""


func _init(bridge: Bridge) -> void:
	_bridge = bridge
	title = tr("Approve")
	ok_button_text = tr("Buy")
	confirmed.connect(_on_confirmed)


## Reads the plan anew and asks.
func ask(asset: Asset) -> void:
	_asset = asset
	await _bridge.read_plan()
	_digest = _bridge.plan_digest
	if _digest.is_empty():
		_bridge.failed.emit(tr("The plan could not be read, so there is no price to approve."))
		return
	var price := asset.price if not asset.price.is_empty() else tr("nothing")
	dialog_text = tr("Build %s for %s?") % [asset.id, price]
	popup_centered()


func _on_confirmed() -> void:
	_bridge.approve(_asset, _digest)
