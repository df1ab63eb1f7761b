"""`make test-contract`: the same calls to two independent readings of AWS, moto and our model, and what they answer.

`script` is the calls, `clouds` the two they are played on, `outcome` what is compared of an answer, `differences` the
known ones with AWS's own words, `product` what the script must hold, `page` their table in docs/contract.md.
"""
