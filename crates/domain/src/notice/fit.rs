//! What of a long text still fits: whole lines from the first, since failures stand there, and a last
//! one that counts those that were cut.

/// As many whole lines as fit into `room`, each costing what `cost` says; `note` words the last one. Only a
/// first line that is too long by itself is cut within.
pub(super) fn first_lines(
    text: &str,
    room: usize,
    cost: fn(&str) -> usize,
    note: fn(usize) -> String,
) -> String {
    if cost(text) <= room {
        return text.to_owned();
    }
    let all = text.lines().count();
    let room = room.saturating_sub(cost(&note(all)));
    let mut used = 0;
    let fits = |line: &&str| {
        used += cost(line) + cost("\n");
        used <= room
    };
    let kept: Vec<&str> = text.lines().take_while(fits).collect();
    let first = match kept.is_empty() {
        true => beginning(text, room, cost),
        false => kept.join("\n"),
    };
    format!("{first}\n{}", note(all - kept.len()))
}

/// Of the first line as many characters as fit, and a sign that there were more.
fn beginning(text: &str, room: usize, cost: fn(&str) -> usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut used = cost("…\n");
    let fits = |c: &char| {
        used += cost(c.encode_utf8(&mut [0; 4]));
        used <= room
    };
    line.chars().take_while(fits).chain(['…']).collect()
}
