extends Node2D
## The demo scene: a generated map, a knight to walk with, and a few neighbours.

const SPEED: float = 80.0
const DIRECTIONS: Array[String] = [
	"east", "south_east", "south", "south_west", "west", "north_west", "north", "north_east",
]

var _direction: String = "south"
var _busy: bool = false

@onready var _hero: AnimatedSprite2D = $Hero


func _ready() -> void:
	_hero.animation_finished.connect(_on_animation_finished)
	_hero.play("idle_south")


func _process(delta: float) -> void:
	if _busy:
		return
	if Input.is_action_just_pressed("ui_accept"):
		_busy = true
		_hero.play("attack_" + _direction)
		return
	var way: Vector2 = Input.get_vector("ui_left", "ui_right", "ui_up", "ui_down")
	if way.is_zero_approx():
		_hero.play("idle_" + _direction)
		return
	_direction = DIRECTIONS[posmod(roundi(way.angle() / (PI / 4.0)), 8)]
	_hero.play("walk_" + _direction)
	_hero.position += way * SPEED * delta


func _on_animation_finished() -> void:
	_busy = false
