"""Words that insult people or are obscene in their most common use: they never stand for another.

WordNet lists them beside harmless ones ("fag" for a cigarette), so that they would be certain to
appear in a large corpus. Short on purpose; ``make_triplets --avoid FILE`` takes another list.
"""

from __future__ import annotations

from data_prep.english.word_sets import words

OFFENSIVE_WORDS = words("""
    arse ass asshole bastard bimbo bitch boob boobs broad bugger bum chick chink cock coon crap
    cripple cunt dago damn darkie darky dick dyke fag faggot fairy fanny floozy fuck fucking gimp
    gook goddam goddamn gypsy halfwit harlot hebe honky hooker horny hussy idiot imbecile injun jap
    jerk kike knocker kraut lesbo limey lunatic midget moron mongoloid mulatto nance nancy negress
    negro nigga nigger nigra nipper paki pansy piss poof prick prostitute pussy queer redskin retard
    retarded savage screw sex shag shit shitty sissy slag slattern slut spastic spic spook squaw
    stud tart tit tits titty tramp trollop turd twat wank wench wetback whore wog wop yid
""")
