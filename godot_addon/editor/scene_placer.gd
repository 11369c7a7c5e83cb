@tool
extends RefCounted
## Puts what assetbridge made into the edited scene, as a node that shows it. It can be undone.

## Types of resources that the editor itself makes no node of when their file is dropped.
const TYPES: Array[String] = ["SpriteFrames", "TileSet"]


## Whether a "res://" path is one of [constant TYPES], as the editor's file system knows it.
static func is_needed_for(path: String) -> bool:
	return EditorInterface.get_resource_filesystem().get_file_type(path) in TYPES


## Adds a node for a resource to the edited scene at a position in it; null when there is no such scene.
static func place(path: String, position: Vector2) -> Node2D:
	var root := EditorInterface.get_edited_scene_root()
	var node := make_node(load(path))
	if root == null or node == null:
		return null
	node.name = path.get_file().get_basename().to_pascal_case()
	if node is AnimatedSprite2D:
		node.position = position
	var undo := EditorInterface.get_editor_undo_redo()
	undo.create_action("Add " + node.name, UndoRedo.MERGE_DISABLE, root)
	undo.add_do_method(root, &"add_child", node, true)
	undo.add_do_property(node, &"owner", root)
	undo.add_do_reference(node)
	undo.add_undo_method(root, &"remove_child", node)
	undo.commit_action()
	EditorInterface.get_selection().clear()
	EditorInterface.get_selection().add_node(node)
	return node


## The node that shows a resource; null for a resource of another type.
static func make_node(resource: Resource) -> Node2D:
	if resource is TileSet:
		var layer := TileMapLayer.new()
		layer.tile_set = resource
		return layer
	if resource is not SpriteFrames:
		return null
	var sprite := AnimatedSprite2D.new()
	sprite.sprite_frames = resource
	var animation := _first_animation(resource as SpriteFrames)
	if not animation.is_empty():
		sprite.animation = animation
		sprite.autoplay = animation
	return sprite


## A figure stands still at first.
static func _first_animation(frames: SpriteFrames) -> String:
	var names := frames.get_animation_names()
	for animation in names:
		if animation.begins_with("idle"):
			return animation
	return names[0] if not names.is_empty() else ""
