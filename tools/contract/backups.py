"""The script's steps on AWS Backup. moto has vaults, but neither points nor jobs; our model reads both out of a policy, and that of
the script has none."""

from contract.step import DR, HOME, Step

STEPS = [
    Step("a vault that is not there", "backup:DescribeBackupVault", DR, {"BackupVaultName": "nowhere"}),
    Step("points of a vault that is not there", "backup:ListRecoveryPointsByBackupVault", DR, {"BackupVaultName": "nowhere"}),
    Step("backup jobs of an empty Region", "backup:ListBackupJobs", HOME, {"MaxResults": 1000}),
    Step("a copy of a point in no vault", "backup:StartCopyJob", HOME, {
        "RecoveryPointArn": "arn:aws:backup:us-east-1:123456789012:recovery-point:p", "SourceBackupVaultName": "nowhere",
        "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:nowhere",
        "IamRoleArn": "arn:aws:iam::123456789012:role/AwsBackupRole", "IdempotencyToken": "contract"}),
    Step("what AWS Backup may protect", "backup:DescribeRegionSettings", HOME, {}),
    Step("what carries a tag that nothing carries", "tag:GetResources", HOME, {
        "TagFilters": [{"Key": "sonae:backup", "Values": ["yes"]}], "ResourcesPerPage": 100}),
    Step("copy jobs of an empty Region", "backup:ListCopyJobs", HOME, {"MaxResults": 1000}),
]
