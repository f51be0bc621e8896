"""The laws, each a property over generated traffic and over the sandbox.

How many programs each law sees: `scripts/laws` runs them in four shards with seeds of their own, the same in every run;
`scripts/test` a few, to see at once what breaks a law as such. `.ci/run` runs one of the four shards: the others
are for faults that show in one program of a thousand. Whoever changes the core runs them all.

law                                                                                           test    laws  thorough
law 1 a client is answered the same in recording and on replay                                  40   2,000   100,000
law 2 recording again changes no byte                                                           40   2,000   100,000
law 2 what was recorded is never taken for edited by hand                                       40   2,000   100,000
law 3 recording from a replay gives the same cassette                                           40   2,000   100,000
law 4 one identity has one alias and one alias one identity                                     40   2,000   100,000
law 5 nothing that the upstream minted is on disk                                               40   2,000   100,000
law 6 a read shows its state however often it is repeated                                       40   2,000   100,000
law 7 an answer is recorded or marked and all else is a miss that explains itself               40   2,000   100,000
law under stress what somebody made just before                                                 40   2,000   100,000
law under stress a changed api changes what changed and nothing else                            40   2,000   100,000
law under stress what is not asked again is dropped and told                                    40   2,000   100,000
law under stress new episodes keep what was recorded and speak of it                            40   2,000   100,000
law under stress two live values never stand for one and one never for two                      40   2,000   100,000
law under stress order equality and whole offsets of times are kept                             40   2,000   100,000
law under stress shifted times are the recorded ones at one distance                            40   2,000   100,000
law under stress a cassette of another tool is a fixpoint after its first recording             40   2,000   100,000
a list of all is right or a miss                                                                10     100     5,000
a stream that was left is the begin of the whole one                                            10     500    25,000
an odd api is answered alike recorded alike and leaves nothing real                             10     500    25,000
four lives take turns and every read shows its state                                            10     500    25,000
four lives that share a customer and a price read their own invoices                            10     500    25,000
law 1 of streams                                                                                10     500    25,000
law 2 clients side by side record one file whoever is first                                     40   2,000   100,000
law 2 holds in whatever order concurrent requests complete                                      40   2,000   100,000
law 2 of streams                                                                                10     500    25,000
law 3 of streams                                                                                10     500    25,000
law 4 of streams                                                                                10     500    25,000
law 5 of streams                                                                                10     500    25,000
lives one after the other miss nothing at all                                                   10     100     5,000
lives that are recorded again in other turns are replayed in these                              10     100     5,000
lives that share a customer are shown the right state or none                                   10     100     5,000
lives with customers of their own never miss                                                    10     100     5,000
what the rules say of writes that change nothing is true of the sandbox                         10     100     5,000
whatever is forgotten no answer is another than the sandbox would give                          20     200    10,000
of any recorded pages no object and no end is ever wrong                                        20     500    25,000
a window is known exactly where every list that would have been recorded so answers it alike    60   2,000   100,000
pages contradict each other exactly where no list has them all                                  60   2,000   100,000
law 2 2 clients side by side, on each of two loops                                               4      36        36
law 2 8 clients side by side, on each of two loops                                               2      20        20
law 2 32 clients side by side, on each of two loops                                              2       6         6

The first sixteen are met by the same programs. A life is hundreds of requests on both sides: there are fewer of them.
All other property tests of the project see 60 programs.
"""
