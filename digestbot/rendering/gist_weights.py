"""Written by `tests/training/gist.py`: what each feature of a sentence weighs."""

WEIGHTS = (
    0.1558,  # first
    -0.1151,  # second
    -0.0360,  # third
    0.0971,  # last
    0.0298,  # last but one
    -0.0044,  # place
    -0.1801,  # place squared
    0.3824,  # length
    -0.1887,  # short
    -0.1708,  # long
    0.7975,  # of the title
    1.8037,  # of its words in the title
    3.6999,  # central
    0.0386,  # most central
    -0.0428,  # like the first
    0.1045,  # we propose
    0.2499,  # we propose for the first time
    0.0399,  # we show
    0.2390,  # we study
    -0.0967,  # we evaluate
    0.4906,  # we
    0.2169,  # this paper
    0.2095,  # new
    0.2039,  # thing
    -0.0011,  # result
    -0.0022,  # measure
    -0.0636,  # others
    -0.1389,  # trouble
    -0.0870,  # elsewhere
    -0.1999,  # further
    0.0608,  # aim
    0.3208,  # backward
    0.0642,  # asks
    -0.0274,  # number
)
