@tool
extends PanelContainer
## One line of the list: thumbnail, id, kind, state, progress, price. Reused for other assets.

const Asset := preload("../model/asset.gd")
const DropTarget := preload("../editor/drop_target.gd")
const ProjectFiles := preload("../connection/project_files.gd")

signal chosen(id: String)
signal menu_requested(id: String)

const THUMBNAIL_SIZE := 40.0
## State to theme colour and icon.
const LOOKS: Dictionary = {
	"ready": [&"success_color", &"StatusSuccess"],
	"failed": [&"error_color", &"StatusError"],
	"invalid": [&"error_color", &"StatusError"],
	"uncertain": [&"error_color", &"StatusError"],
	"blocked": [&"error_color", &"StatusError"],
	"needs_approval": [&"warning_color", &"StatusWarning"],
	"needs_pick": [&"warning_color", &"StatusWarning"],
	"needs_trust": [&"warning_color", &"StatusWarning"],
	"drifted": [&"warning_color", &"StatusWarning"],
	"queued": [&"accent_color", &"Progress1"],
	"building": [&"accent_color", &"Progress1"],
}

var asset: Asset
## What the row was last marked with; a theme of another look has another one.
var _background: StyleBox
var _files: ProjectFiles
var _thumbnail := TextureRect.new()
var _name := Label.new()
var _details := Label.new()
var _icon := TextureRect.new()
var _progress := ProgressBar.new()


func _init(files: ProjectFiles) -> void:
	_files = files
	var scale := EditorInterface.get_editor_scale()
	_thumbnail.custom_minimum_size = Vector2.ONE * THUMBNAIL_SIZE * scale
	_thumbnail.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	_thumbnail.stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_CENTERED
	_thumbnail.texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	for label: Label in [_name, _details]:
		label.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
		label.clip_text = true
		# Ids and messages are data.
		label.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	_progress.custom_minimum_size.y = 4.0 * scale
	_progress.max_value = 1.0
	_progress.step = 0.0
	_progress.show_percentage = false
	_icon.stretch_mode = TextureRect.STRETCH_KEEP_CENTERED
	var texts := VBoxContainer.new()
	texts.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	texts.alignment = BoxContainer.ALIGNMENT_CENTER
	texts.add_theme_constant_override(&"separation", 0)
	for child: Control in [_name, _details, _progress]:
		texts.add_child(child)
	var line := HBoxContainer.new()
	for child: Control in [_thumbnail, texts, _icon]:
		line.add_child(child)
	add_child(line)
	_let_mouse_through(line)
	focus_mode = Control.FOCUS_NONE


## Shows another asset, or the same one as it is now.
func display(shown: Asset, texture: Texture2D, selected: bool) -> void:
	asset = shown
	_name.text = asset.title
	_thumbnail.texture = texture if texture else get_theme_icon(&"ImageTexture", &"EditorIcons")
	_details.text = describe(asset)
	tooltip_text = "%s\n%s" % [asset.title, asset.error] if asset.error else asset.title
	# Hidden by colour, because all rows have to have the same height.
	_progress.modulate.a = 1.0 if asset.is_busy() else 0.0
	_progress.indeterminate = asset.is_busy() and asset.progress < 0.0
	_progress.value = maxf(asset.progress, 0.0)
	var look: Array = LOOKS.get(asset.state, [&"font_color", &"StatusWarning"])
	_icon.texture = get_theme_icon(look[1] as StringName, &"EditorIcons")
	_icon.visible = LOOKS.has(asset.state)
	var normal := get_theme_color(&"font_color", &"Label")
	var colour := get_theme_color(look[0] as StringName, &"Editor") if LOOKS.has(asset.state) else normal
	if colour != _details.get_theme_color(&"font_color"):
		_details.add_theme_color_override(&"font_color", colour)
	var background: StyleBox = get_theme_stylebox(&"selected", &"Tree") if selected else null
	if background != _background or not has_theme_stylebox_override(&"panel"):
		_background = background
		_mark(selected)


## State, price and kind in one line.
func describe(shown: Asset) -> String:
	var parts := PackedStringArray([_state_text(shown.state)])
	if shown.progress >= 0.0:
		parts[0] += " %d %%" % roundi(shown.progress * 100.0)
	if not shown.price.is_empty():
		parts.append(shown.price)
	parts.append(shown.kind.replace("_", " "))
	if not shown.error.is_empty() and not shown.state.begins_with("needs_"):
		parts.append(shown.error.get_slice("\n", 0))
	return " · ".join(parts)


func _state_text(state: String) -> String:
	match state:
		"new":
			return tr("new")
		"stale":
			return tr("changed")
		"queued":
			return tr("waiting")
		"building":
			return tr("building")
		"needs_approval":
			return tr("needs approval")
		"needs_pick":
			return tr("choose a variant")
		"needs_trust":
			return tr("project not trusted")
		"uncertain":
			return tr("uncertain")
		"failed":
			return tr("failed")
		"invalid":
			return tr("spec has a mistake")
		"drifted":
			return tr("edited by hand")
		"ready":
			return tr("ready")
		"cancelled":
			return tr("cancelled")
		"orphan":
			return tr("no spec")
		"blocked":
			return tr("blocked")
	return state


func _mark(selected: bool) -> void:
	var box: StyleBox = get_theme_stylebox(&"selected", &"Tree").duplicate() if selected \
			else StyleBoxEmpty.new()
	box.set_content_margin_all(2.0 * EditorInterface.get_editor_scale())
	add_theme_stylebox_override(&"panel", box)


func _gui_input(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	if click == null or asset == null or not click.pressed:
		return
	if click.button_index == MOUSE_BUTTON_LEFT:
		chosen.emit(asset.id)
	elif click.button_index == MOUSE_BUTTON_RIGHT:
		menu_requested.emit(asset.id)


## The same data as the FileSystem dock gives, so that scene and inspector take it as a file.
func _get_drag_data(_at: Vector2) -> Variant:
	if asset == null:
		return null
	var path := _files.to_resource_path(asset.main_output())
	if path.is_empty() or not ResourceLoader.exists(path):
		return null
	var label := Label.new()
	label.text = path.get_file()
	set_drag_preview(label)
	return {"type": "files", "files": PackedStringArray([path]), "from": self, DropTarget.DRAG_KEY: path}


static func _let_mouse_through(node: Control) -> void:
	node.mouse_filter = Control.MOUSE_FILTER_IGNORE
	for child in node.get_children():
		if child is Control:
			_let_mouse_through(child as Control)
