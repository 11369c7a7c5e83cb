@tool
extends EditorInspectorPlugin
## Buttons on SpriteFrames and TileSets that assetbridge made.

const Asset := preload("../model/asset.gd")
const Bridge := preload("../model/bridge.gd")
const Dock := preload("../dock/dock.gd")

## A button was pressed: the dock is to show this asset and to do this, or nothing (-1).
signal asset_requested(id: String, command: int)

var _bridge: Bridge


func _init(bridge: Bridge) -> void:
	_bridge = bridge


func _can_handle(object: Object) -> bool:
	return (object is SpriteFrames or object is TileSet) and find_asset(object as Resource) != null


func _parse_begin(object: Object) -> void:
	var asset := find_asset(object as Resource)
	var flow := HFlowContainer.new()
	_add_button(flow, asset, tr("Open spec"), &"Edit", Dock.Command.OPEN_SPEC)
	_add_button(flow, asset, tr("Regenerate"), &"Reload", Dock.Command.REROLL)
	_add_button(flow, asset, tr("Show in AssetBridge"), &"SpriteFrames", -1)
	add_custom_control(flow)


## The asset whose file this resource is; null when it is none of ours.
func find_asset(resource: Resource) -> Asset:
	var path := resource.resource_path
	if path.is_empty() or "::" in path:
		return null
	for asset: Asset in _bridge.catalog.assets.values():
		for output in asset.outputs:
			if _bridge.link.files.to_resource_path(output) == path:
				return asset
	return null


func _add_button(
		flow: HFlowContainer, asset: Asset, text: String, icon: StringName, command: int) -> void:
	var button := Button.new()
	button.text = text
	button.tooltip_text = asset.title
	button.icon = EditorInterface.get_editor_theme().get_icon(icon, &"EditorIcons")
	button.pressed.connect(func() -> void: asset_requested.emit(asset.id, command))
	flow.add_child(button)
