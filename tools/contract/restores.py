"""The script's steps on what a restore in dr needs: groups, and replicated automated backups."""

from contract.step import DR, Step

PARAMETERS, OPTIONS, SUBNETS = "rds:DescribeDBParameterGroups", "rds:DescribeOptionGroups", "rds:DescribeDBSubnetGroups"
BACKUPS = "rds:DescribeDBInstanceAutomatedBackups"

STEPS = [
    Step("parameter groups of an empty Region", PARAMETERS, DR, {"MaxRecords": 100}),
    Step("parameter groups, page of 19", PARAMETERS, DR, {"MaxRecords": 19}),
    Step("option groups of an empty Region", OPTIONS, DR, {"MaxRecords": 100}),
    Step("option groups, page of 19", OPTIONS, DR, {"MaxRecords": 19}),
    Step("subnet groups of an empty Region", SUBNETS, DR, {"MaxRecords": 100}),
    Step("subnet groups, page of 19", SUBNETS, DR, {"MaxRecords": 19}),
    Step("automated backups of an empty Region", BACKUPS, DR, {"MaxRecords": 100}),
    Step("automated backups, page of 19", BACKUPS, DR, {"MaxRecords": 19}),
]
