@tool
extends "runner.gd"
## Runs gui_checks.gd in an editor with a window: presses what a person presses, and takes pictures.

## What a change of the layout takes to be drawn.
const SETTLE_FRAMES := 5

var _pictures := OS.get_environment("ASSETBRIDGE_SCREENSHOTS")


func _initialize() -> void:
	limit = 350.0
	checks_file = "res://checks/gui_checks.gd"
	# Drawn is what changes, as for a person; processors draw here, and would do it all the time.
	OS.low_processor_usage_mode = true
	OS.low_processor_usage_mode_sleep_usec = 10000
	# Without a window manager nobody else gives the window the focus.
	root.grab_focus()
	super()


func check(ok: bool, what: String) -> void:
	if not ok:
		shot("failed-" + what.validate_filename().left(60))
	super(ok, what)


## Lets the editor lay out and draw.
func settle() -> void:
	for frame in SETTLE_FRAMES:
		await process_frame


## Saves what the editor shows.
func shot(name: String) -> void:
	RenderingServer.force_draw()
	root.get_texture().get_image().save_png(_pictures.path_join(name + ".png"))


## Moves the pointer to the middle of a control and clicks.
func click(control: Control, button := MOUSE_BUTTON_LEFT) -> void:
	check(await until(control.is_visible_in_tree), "%s is visible" % control)
	if control is BaseButton:
		check(await until(func() -> bool: return not control.disabled), "%s can be pressed" % control.text)
	var place := await rested(control)
	move(place)
	await process_frame
	press(place, true, button)
	await process_frame
	press(place, false, button)
	await settle()


## The middle of a control, once it moves no more.
func rested(control: Control) -> Vector2:
	var place := Vector2.INF
	while place != middle(control):
		place = middle(control)
		await settle()
	return place


## Drags from the middle of a control to a place on the screen.
func drag(from: Control, to: Vector2) -> void:
	var start := await rested(from)
	move(start)
	press(start, true)
	for step in range(1, 11):
		await process_frame
		move(start.lerp(to, step / 10.0), MOUSE_BUTTON_MASK_LEFT)
	# The editor asks the system where a drag ends.
	Input.warp_mouse(to)
	await settle()
	press(to, false)
	await settle()


func type(text: String) -> void:
	for letter in text:
		for pressed: bool in [true, false]:
			var key := InputEventKey.new()
			key.unicode = letter.unicode_at(0)
			key.keycode = OS.find_keycode_from_string(letter.to_upper())
			key.pressed = pressed
			Input.parse_input_event(key)
		await process_frame


static func middle(control: Control) -> Vector2:
	return control.get_screen_transform() * (control.size / 2.0)


func move(place: Vector2, mask := 0) -> void:
	var motion := InputEventMouseMotion.new()
	motion.position = place
	motion.global_position = place
	motion.relative = Vector2(3.0, 3.0)
	motion.button_mask = mask
	Input.parse_input_event(motion)


func press(place: Vector2, pressed: bool, button := MOUSE_BUTTON_LEFT) -> void:
	var event := InputEventMouseButton.new()
	event.position = place
	event.global_position = place
	event.button_index = button
	event.button_mask = MOUSE_BUTTON_MASK_LEFT if pressed else 0
	event.pressed = pressed
	Input.parse_input_event(event)
