@tool
extends Control
## Lies over the 2D view and takes assets that are dragged from the dock; lets everything else through.

const Asset := preload("../model/asset.gd")
const ScenePlacer := preload("scene_placer.gd")

## The key of an asset's path in the data of a drag.
const DRAG_KEY := "assetbridge"


func _init() -> void:
	mouse_filter = Control.MOUSE_FILTER_IGNORE


## Covers the 2D view of the editor.
func attach() -> void:
	# The viewport lies in a container, which lies in the area that the editor draws the scene in.
	EditorInterface.get_editor_viewport_2d().get_parent().get_parent().add_child(self)
	set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)


## Asked every frame, because the notification of a drag does not reach every part of the editor.
func _process(_delta: float) -> void:
	var wanted := Control.MOUSE_FILTER_IGNORE
	if get_viewport().gui_is_dragging() and _is_ours(get_viewport().gui_get_drag_data()):
		wanted = Control.MOUSE_FILTER_STOP
	if wanted != mouse_filter:
		mouse_filter = wanted


func _can_drop_data(_at: Vector2, data: Variant) -> bool:
	return _is_ours(data) and EditorInterface.get_edited_scene_root() != null


func _drop_data(at: Vector2, data: Variant) -> void:
	var view := EditorInterface.get_editor_viewport_2d()
	var path: String = data[DRAG_KEY]
	ScenePlacer.place(path, view.global_canvas_transform.affine_inverse() * at)


static func _is_ours(data: Variant) -> bool:
	return data is Dictionary and ScenePlacer.is_needed_for(str(data.get(DRAG_KEY, "")))
