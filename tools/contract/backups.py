"""The script's steps on AWS Backup. moto has vaults, but neither points nor jobs; our model reads both out of a policy, and that of
the script has none."""

from contract.step import DR, HOME, Step

STEPS = [
    Step("a vault that is not there", "backup:DescribeBackupVault", DR, {"BackupVaultName": "nowhere"}),
    Step("points of a vault that is not there", "backup:ListRecoveryPointsByBackupVault", DR, {"BackupVaultName": "nowhere"}),
    Step("backup jobs of an empty Region", "backup:ListBackupJobs", HOME, {"MaxResults": 1000}),
    Step("copy jobs of an empty Region", "backup:ListCopyJobs", HOME, {"MaxResults": 1000}),
]
