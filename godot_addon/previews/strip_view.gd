@tool
extends Control
## Plays a preview, enlarged by a whole number where there is room.

const Strip := preload("strip.gd")

var _strip: Strip
var _texture: Texture2D
var _start := 0
var _frame := 0


func _init() -> void:
	texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST
	mouse_filter = Control.MOUSE_FILTER_IGNORE


func play(strip: Strip) -> void:
	_strip = strip
	_texture = ImageTexture.create_from_image(strip.image)
	_start = Time.get_ticks_msec()
	_frame = 0
	queue_redraw()


## The frame that is shown; -1 before there is one.
func current_frame() -> int:
	return _frame if _strip else -1


func _process(_delta: float) -> void:
	if _strip == null or not is_visible_in_tree():
		return
	var now := _strip.frame_at(Time.get_ticks_msec() - _start)
	if now != _frame:
		_frame = now
		queue_redraw()


func _draw() -> void:
	if _strip == null:
		return
	var frame := Vector2(_strip.frame_size)
	var factor := minf(size.x / frame.x, size.y / frame.y)
	if factor >= 1.0:
		factor = floorf(factor)
	var shown := frame * factor
	var place := Rect2(((size - shown) / 2.0).floor(), shown)
	draw_texture_rect_region(_texture, place, Rect2(_strip.region_of(_frame)))
