"""The table of differences in docs/contract.md, which is what tests/data/contract.toml says."""

from pathlib import Path

from contract.differences import Difference

BEGIN, END = "<!-- differences: make contract-table -->\n", "<!-- /differences -->"
HEAD = "| steps | field | moto | model | AWS | right |\n|---|---|---|---|---|---|\n"


def table(differences: list[Difference]) -> str:
    return HEAD + "".join(row(difference) for difference in differences)


def row(one: Difference) -> str:
    source = f"[source]({one.source})" if one.source.startswith("https:") else one.source
    cells = ["; ".join(one.steps), one.field, f"`{one.moto}`", f"`{one.model}`", f"{one.aws} ({source})", one.right]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def is_current(page: Path, differences: list[Difference]) -> bool:
    return f"{BEGIN}\n{table(differences)}\n{END}" in page.read_text()


def write(page: Path, differences: list[Difference]) -> None:
    before, rest = page.read_text().split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{table(differences)}\n{END}{rest.split(END)[1]}")
