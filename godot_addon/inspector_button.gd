@tool
extends EditorInspectorPlugin
## A button on SpriteFrames and TileSets that assetbridge made: shows their asset in the dock.

const Asset := preload("asset.gd")
const Bridge := preload("bridge.gd")

signal asset_requested(id: String)

var _bridge: Bridge


func _init(bridge: Bridge) -> void:
	_bridge = bridge


func _can_handle(object: Object) -> bool:
	return (object is SpriteFrames or object is TileSet) and find_asset(object as Resource) != null


func _parse_begin(object: Object) -> void:
	var asset := find_asset(object as Resource)
	var button := Button.new()
	button.text = tr("Show in AssetBridge")
	button.tooltip_text = asset.id
	button.icon = EditorInterface.get_editor_theme().get_icon(&"Edit", &"EditorIcons")
	button.pressed.connect(func() -> void: asset_requested.emit(asset.id))
	add_custom_control(button)


## The asset whose file this resource is; null when it is none of ours.
##
## The list names no files. Until an asset's details were read, its id tells: outputs are named
## after ids, and the longest id at the end of the path is the one.
func find_asset(resource: Resource) -> Asset:
	var path := resource.resource_path
	if path.is_empty() or "::" in path:
		return null
	var best: Asset = null
	for asset: Asset in _bridge.assets.values():
		for output in asset.outputs:
			if _bridge.files.to_resource_path(output) == path:
				return asset
		var is_named_so := ("/" + path.get_basename()).ends_with("/" + asset.id)
		if is_named_so and asset.outputs.is_empty() \
				and (best == null or asset.id.length() > best.id.length()):
			best = asset
	return best
