"""Files as people write them and as crashes must not break them: what several edges read and write alike."""
