@tool
extends RefCounted
## What came back for one request to the daemon: JSON or bytes, or an error that a person can read.

const VisibleText := preload("../model/visible_text.gd")

## HTTP status; 0 when the daemon could not be reached.
var status := 0
var json: Dictionary = {}
var bytes := PackedByteArray()
var code := ""
var message := ""
var hint := ""


static func unreachable(text: String) -> RefCounted:
	var answer := new()
	answer.code = "unreachable"
	answer.message = text
	return answer


static func from_response(http_status: int, headers: PackedStringArray, body: PackedByteArray) -> RefCounted:
	var answer := new()
	answer.status = http_status
	answer.bytes = body
	if _is_json(headers):
		var parser := JSON.new()
		if parser.parse(body.get_string_from_utf8()) == OK and parser.data is Dictionary:
			answer.json = parser.data
	if not answer.is_ok():
		var error: Dictionary = answer.json.get("error", {}) if answer.json.get("error") is Dictionary else {}
		answer.code = str(error.get("code", "http_%d" % http_status))
		answer.message = VisibleText.of(str(error.get("message", "HTTP %d" % http_status)))
		answer.hint = VisibleText.of(str(error.get("hint", "")))
	return answer


func is_ok() -> bool:
	return status >= 200 and status < 300


## The error and the way out, in one text.
func describe() -> String:
	return message if hint.is_empty() else message + "\n" + hint


static func _is_json(headers: PackedStringArray) -> bool:
	for header in headers:
		if header.to_lower().begins_with("content-type:"):
			return "json" in header.to_lower()
	return false
