@tool
extends RefCounted
## What a plan costs and what is left at the providers, as text.

const VisibleText := preload("visible_text.gd")


## What it costs to build an asset: its steps that are not there yet, and those of the assets that it
## is made of. Empty when nothing. `planned` has the rows of the plan by id; `form` puts an amount, its
## unit and a provider into the language of the editor.
static func price_of(id: String, planned: Dictionary, form: String) -> String:
	var sums: Dictionary = {}
	var unknown := false
	for step: Dictionary in _steps_of(id, planned):
		var cost: Variant = step.get("cost")
		if step.get("cached") or cost is not Dictionary:
			continue
		if (cost as Dictionary).get("amount") == null:
			unknown = true
			continue
		var unit: Array[String] = [str(cost.get("unit", "")), str(cost.get("provider", ""))]
		sums[unit] = float(sums.get(unit, 0.0)) + str(cost["amount"]).to_float()
	var parts := PackedStringArray()
	for unit: Array[String] in sums:
		var amount := float(sums[unit])
		var name := unit[0].trim_suffix("s") if amount == 1.0 else unit[0]
		parts.append(form % [String.num(amount, 4).trim_suffix(".0"), name, unit[1]])
	if unknown:
		parts.append("?")
	return VisibleText.of(" + ".join(parts))


## What is left at the providers that said so, a line each.
static func balance_text(providers: Array) -> String:
	var parts := PackedStringArray()
	for facts: Dictionary in providers:
		if facts.get("balance") is not Dictionary:
			continue
		var amounts: Dictionary = facts["balance"].get("amounts", {})
		var left := PackedStringArray()
		for unit: String in amounts:
			left.append("%s %s" % [amounts[unit], unit])
		if not left.is_empty():
			parts.append("%s: %s" % [facts.get("name", ""), ", ".join(left)])
	return VisibleText.of("\n".join(parts))


## The steps of an asset and of all that it is made of, each once.
static func _steps_of(id: String, planned: Dictionary) -> Array:
	var steps: Array = []
	var ids := PackedStringArray([id])
	var next := 0
	while next < ids.size():
		var facts: Dictionary = planned.get(ids[next], {})
		steps.append_array(facts.get("steps", []) as Array)
		for other: String in facts.get("upstream", []):
			if other not in ids:
				ids.append(other)
		next += 1
	return steps
